// The settings of what watches the server: metrics, traces, and the log of slow requests.
import { isEndpoint, offOrDuration, type Setting, text, whole } from './setting.ts'

/** Characters: what nobody guesses. */
const TOKEN_LENGTH = 16

export const watchingSettings = {
  /** The bearer token that reading the metrics requires. */
  METRICS_TOKEN: text<string | undefined>(undefined, {
    passes: (value) => value.length >= TOKEN_LENGTH && !/\s/.test(value),
    allowed: `at least ${TOKEN_LENGTH} characters without spaces (openssl rand -hex 32 makes one)`,
    secret: true,
  }),
  /** A port of their own for the metrics; 0 is none. */
  METRICS_PORT: whole({ min: 0, max: 65_535 }, 0),
  /** Milliseconds from which on a request has a line in the log; 0 is off. */
  SLOW_REQUEST: offOrDuration({ min: '1ms', max: '1h', fallback: '1s' }),
  /** Where spans are sent, as OTLP over HTTP; without it there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: text<string | undefined>(undefined, {
    passes: isEndpoint,
    allowed: 'a URL such as http://localhost:4318, without credentials and query',
    secret: true,
  }),
  OTEL_SERVICE_NAME: text<string>('univera'),
} satisfies Record<string, Setting<unknown>>
