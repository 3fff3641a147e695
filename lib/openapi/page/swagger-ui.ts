// The parts of Swagger UI's plugin system and of an OpenAPI document that the documentation page uses.

interface Parameter {
  schema?: { type?: string }
  example?: unknown
}

export interface BriefOperation {
  tags: string[]
  responses?: object
}

export interface PageDocument {
  paths: Record<string, { get?: BriefOperation; post?: BriefOperation }>
  components?: Record<string, Record<string, Parameter>>
}

interface Immutable {
  toJS(): Record<string, { token?: { access_token?: string }; value?: string }>
}

/** The system that Swagger UI passes to its plugins. */
export interface Page {
  authSelectors: { authorized(): Immutable | undefined }
  authActions: { logout(names: string[]): void }
  specActions: { updateJsonSpec(document: PageDocument): void }
  specSelectors: { url(): string; specJson(): { get(key: string): { size: number } | undefined } }
}

/** An action of Swagger UI, and what wraps it. */
export type Action = (...args: unknown[]) => unknown
