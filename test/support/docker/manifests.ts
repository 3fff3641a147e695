// The files that describe containers, read as what they say: YAML of Compose and Kubernetes.
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

export const MANIFESTS = 'docs/kubernetes'

export interface Probe {
  httpGet: { path: string; port: string }
}

/** Of a pod, as far as the tests look. */
export interface Container {
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[]
  env: { name: string; value: string }[]
  ports: { name: string; containerPort: number }[]
  startupProbe: Probe
  livenessProbe: Probe
  readinessProbe: Probe
  volumeMounts: { name: string; mountPath: string }[]
  securityContext: object
  lifecycle: { preStop: { exec: { command: string[] } } }
}

/** A service of Compose, as far as the tests look. */
export interface Service {
  ports: string[]
  environment: Record<string, string | number>
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
}

/** The names of the files with manifests. */
export function manifestFiles(): string[] {
  return readdirSync(MANIFESTS)
}

/** What a manifest says; the caller says its shape. */
export function manifest<T>(name: string): T {
  return parse(readFileSync(`${MANIFESTS}/${name}`, 'utf8')) as T
}

/** The services of a file of Compose. */
export function services(file: string): Record<string, Service> {
  // Compose's own tag: what the file before says does not count.
  const customTags = [{ tag: '!reset', collection: 'seq' as const }]
  const { services } = parse(readFileSync(file, 'utf8'), { customTags })
  return services
}
