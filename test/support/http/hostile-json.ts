// JSON that is made to take long, a megabyte each.

export const hostileMegabytes = (): string[] => [
  `[${'12345678901234567890,'.repeat(50_000)}1]`,
  `["${'\\ud800'.repeat(170_000)}"]`,
  `["${'\\\\'.repeat(500_000)}"]`,
  `"${'\\'.repeat(1_000_001)}"`,
  `${'['.repeat(1_000_000)}`,
  `${'"'.repeat(1_000_000)}`,
  '1'.repeat(1_000_000),
  `{${'"a":1e999,'.repeat(100_000)}"b":1}`,
]
