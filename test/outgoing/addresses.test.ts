import t from 'tap'
import { isPublicAddress } from '../../src/outgoing/addresses.ts'
import { AllowList, allowProblem } from '../../src/outgoing/allow-list.ts'

t.test('what anybody on the internet may have is public, and nothing else', async t => {
  const open = ['1.1.1.1', '8.8.8.8', '93.184.215.14', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1']
  const openV6 = ['2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8', '64:ff9b::808:808']
  for (const address of [...open, ...openV6]) t.equal(isPublicAddress(address), true, address)

  const closed = {
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00:ec2::254', 'fc00::1'],
    'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
    'behind the provider': ['100.64.0.1', '100.100.100.200', '100.127.255.255', '168.63.129.16', '192.0.0.192'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    reserved: ['240.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '192.88.99.1'],
    'reserved of IPv6': ['2001:db8::1', '2001::1', '100::1', '3fff::1', 'fec0::1', '4000::1', '::127.0.0.1'],
    mapped: ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:a9fe:a9fe', '::FFFF:10.0.0.1', '::ffff:0:0'],
    'by NAT64': ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::1', '64:ff9b:1::7f00:1', '64:ff9b::1:0:0'],
    'by 6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::1'],
    nonsense: ['', 'localhost', '0x7f.1', '2130706433', '1.2.3', '::g']
  }
  for (const [kind, addresses] of Object.entries(closed))
    for (const address of addresses) t.equal(isPublicAddress(address), false, `${kind}: ${address}`)
})

t.test('hosts are allowed by their names, networks by what lies in them', async t => {
  const list = new AllowList(['Mail.Internal', '10.1.0.0/16', '127.0.0.1', 'fd00::/8'])
  for (const host of ['mail.internal', 'MAIL.internal.']) t.equal(list.hasName(host), true, host)
  for (const host of ['internal', 'a.mail.internal', 'mail.internal.example.com'])
    t.equal(list.hasName(host), false, host)
  for (const address of ['10.1.2.3', '127.0.0.1', 'fd12::1', '::ffff:10.1.2.3'])
    t.equal(list.hasAddress(address), true, address)
  for (const address of ['10.2.0.1', '127.0.0.2', 'fe80::1', 'mail.internal'])
    t.equal(list.hasAddress(address), false, address)
  t.equal(new AllowList([]).hasAddress('127.0.0.1'), false)
})

t.test('an entry that names neither a host nor a network is refused', async t => {
  for (const entry of ['localhost', 'smtp', 'a_b.internal', 'x.y.', '::1', '10.0.0.0/8', 'fd00::/8', '1password.com'])
    t.equal(allowProblem(entry), null, entry)
  const wrong = [
    'localhost:25',
    'http://a',
    '*.internal',
    '',
    'a b',
    '10.0.0.0/33',
    '10.0.0/8',
    '127.1',
    '0x7f.1',
    '2130706433'
  ]
  for (const entry of [...wrong, '[::1]', 'fe80::1%eth0', 'a..b', '-a', '10.0.0.0/8/8'])
    t.match(allowProblem(entry), /expected a host/, entry)
})
