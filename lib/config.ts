// The settings: one table with name, type and default; read from the environment and `.env`, checked once at start.

export interface Settings {
  PORT: number
  HOST: string
  DATABASE_URL: string | undefined
  DATA_DIR: string
  SECRET_KEY: string
  ADMIN_USERNAME: string
  ADMIN_PASSWORD: string | undefined
  FILE_STORAGE_PATH: string
  /** Seconds. */
  ACCESS_TOKEN_TTL: number
  REFRESH_TOKEN_TTL: number
  DEFAULT_LIMIT: number
  MAX_LIMIT: number
  /** Bytes. */
  BODY_LIMIT: number
  UPLOAD_LIMIT: number
  /** Milliseconds. */
  STATEMENT_TIMEOUT: number
  /** Requests a minute per address; 0 is off. */
  RATE_LIMIT: number
  CORS_ORIGIN: string[]
  TRUST_PROXY: boolean | string
  LOG_LEVEL: string
  WORKERS: number
}
