// Decimals over HTTP: what was sent comes back, and equal numbers are equal however they are written.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const BILL = {
  entity_name: 'bill',
  fields: [
    { name: 'amount', type: 'decimal' },
    { name: 'fee', type: 'decimal', precision: 10, scale: 2 },
    { name: 'number', type: 'decimal', unique: true },
    { name: 'parts', type: 'array', items: { type: 'decimal' } },
    { name: 'address', type: 'object', fields: [{ name: 'share', type: 'decimal' }] },
  ],
}

t.test('a decimal', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', BILL)
  const read = async (query: string) => (await send('GET', `/bill?${query}`)).json()

  await t.test('is kept as it was sent, or with the digits of its scale', async (t) => {
    const sent = ['12.50', '0.00', '100', '-1.10', '12345678901234567890.1234567890']
    for (const amount of sent) {
      const made = await send('POST', '/bill', { amount, fee: '2.5', address: { share: '0.10' } })
      t.match(made.json(), { amount, fee: '2.50', address: { share: '0.10' } })
    }
    t.match((await send('POST', '/bill', { amount: '-0.0' })).json(), { amount: '0.0' })
    t.same(await read('select=amount&amount=lt.200&order=amount,id'), [
      { amount: '-1.10' },
      { amount: '0.00' },
      { amount: '0.0' },
      { amount: '12.50' },
      { amount: '100' },
    ])
    await send('DELETE', '/bill?id=not.is.null')
  })

  await t.test('is one number however it is written', async (t) => {
    const rows = [{ amount: '1.50', number: '7.0' }, { amount: '1.5' }, { amount: '2', parts: ['3.10'] }]
    t.equal((await send('POST', '/bill', rows)).statusCode, 201)
    for (const written of ['1.5', '1.50', '1.500'])
      t.same(await read(`select=amount&amount=eq.${written}`), [{ amount: '1.50' }, { amount: '1.5' }])
    t.same(await read('select=amount,count(),amount.sum()&order=amount'), [
      { amount: '1.5', count: 2, sum: '3.00' },
      { amount: '2', count: 1, sum: '2' },
    ])
    t.equal((await send('POST', '/bill', { number: '7' })).statusCode, 409)
    t.same(await read('select=parts&parts=cs.{3.100}'), [{ parts: ['3.1'] }])
  })
})
