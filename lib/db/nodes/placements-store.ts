// Reads from Citus's catalogue, which every node has, where the tenants are.
import type pg from 'pg'
import { type Placement, PlacementMap } from './placement-map.ts'

/** The placements of the tenants at this moment. */
export async function readPlacements(pool: Pick<pg.Pool, 'query'>): Promise<PlacementMap> {
  const { rows } = await pool.query<Placement>(
    `select s.shardminvalue::int as from, s.shardid::text as shard, n.nodename || ':' || n.nodeport as node
     from pg_dist_shard s join pg_dist_placement p on p.shardid = s.shardid
       join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
     where s.logicalrelid = 'tenant'::regclass`,
  )
  return new PlacementMap(rows)
}
