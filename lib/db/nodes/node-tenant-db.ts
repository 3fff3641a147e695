// TenantDb over several nodes: what a tenant does runs where its rows are, as on a single node; what operators do in other
// tenants runs at the coordinator.
import type { TenantScope } from '../scope.ts'
import type { RowBatches, Statement, Target, TenantDb, Transaction } from '../statement.ts'
import type { Nodes } from './nodes.ts'

export class NodeTenantDb implements TenantDb {
  readonly #nodes: Nodes

  constructor(nodes: Nodes) {
    this.#nodes = nodes
  }

  readonly read: TenantDb['read'] = (scope, statement) =>
    statement.acrossTenants
      ? this.transaction(scope, 'other tenants', (tx) => tx.read(statement))
      : this.#nodes.at(scope.id, ({ db }) => db.read(scope, statement))

  readonly write: TenantDb['write'] = (scope, entityIds, statement) =>
    this.#nodes.at(scope.id, ({ db }) => db.write(scope, entityIds, statement))

  stream(scope: TenantScope, statement: Statement): Promise<RowBatches> {
    return this.#nodes.at(scope.id, ({ db }) => db.stream(scope, statement))
  }

  transaction<T>(scope: TenantScope, target: Target, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return target === 'other tenants'
      ? this.#nodes.coordinator.db.transaction(scope, target, work)
      : this.#nodes.at(scope.id, ({ db }) => db.transaction(scope, target, work))
  }
}
