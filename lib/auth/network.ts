// Whom an address belongs to, as far as counting guesses goes: an IPv6 customer has a whole /64 to send from.
import { isIPv6 } from 'node:net'

/** The address itself, or the first 64 bits of an IPv6 address; an IPv4 address inside IPv6 is what it is. */
export function networkOf(address: string): string {
  const embedded = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  if (embedded !== undefined) return embedded
  if (!isIPv6(address)) return address
  const [front = [], back = []] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const groups = [
    ...front,
    ...Array(8)
      .fill('0')
      .slice(front.length + back.length),
    ...back,
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}
