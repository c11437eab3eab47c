import t from 'tap'
import { hierarchiesOf } from '../../src/cgroups/hierarchies.ts'

const MOUNT = 'rw,nosuid,nodev,noexec,relatime shared:9'

t.test('a machine with version 2 alone, in a service of systemd', async t => {
  t.same(
    hierarchiesOf(
      '0::/system.slice/botyard.service\n',
      `24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n35 24 0:30 / /sys/fs/cgroup ${MOUNT} - cgroup2 cgroup2 rw,nsdelegate\n`
    ),
    [
      {
        version: 2,
        controllers: [],
        folder: '/sys/fs/cgroup/system.slice/botyard.service',
        path: '/system.slice/botyard.service'
      }
    ]
  )
})

t.test('a machine with both, controllers sharing a tree, and one for names alone', async t => {
  const cgroup = '5:cpu,cpuacct:/a\n4:memory:/\n1:name=systemd:/a\n0::/a\n'
  const mounts = [
    `35 24 0:30 / /sys/fs/cgroup/unified ${MOUNT} - cgroup2 cgroup2 rw`,
    `36 24 0:31 / /sys/fs/cgroup/systemd ${MOUNT} - cgroup cgroup rw,xattr,name=systemd`,
    `37 24 0:32 / /sys/fs/cgroup/cpu,cpuacct ${MOUNT} - cgroup cgroup rw,cpu,cpuacct`,
    `38 24 0:33 / /sys/fs/cgroup/memory ${MOUNT} - cgroup cgroup rw,memory`
  ]
  t.same(hierarchiesOf(cgroup, mounts.join('\n')), [
    { version: 1, controllers: ['cpu', 'cpuacct'], folder: '/sys/fs/cgroup/cpu,cpuacct/a', path: '/a' },
    { version: 1, controllers: ['memory'], folder: '/sys/fs/cgroup/memory/', path: '/' },
    { version: 2, controllers: [], folder: '/sys/fs/cgroup/unified/a', path: '/a' }
  ])
})

t.test('a container that sees its own group mounted, and only that', async t => {
  const mount = (root: string) => `37 24 0:32 ${root} /sys/fs/cgroup/pids ${MOUNT} - cgroup cgroup rw,pids`
  const folder = (path: string, root: string) => hierarchiesOf(`7:pids:${path}\n`, mount(root))[0]?.folder
  t.equal(folder('/docker/1234', '/docker/1234'), '/sys/fs/cgroup/pids/')
  t.equal(folder('/docker/1234/inner', '/docker/1234'), '/sys/fs/cgroup/pids/inner')
  t.equal(folder('/docker/12345', '/docker/1234'), undefined, 'a neighbour')
  t.equal(folder('/', '/docker/1234'), undefined)
  t.equal(folder('/../outside', '/'), undefined, 'a process from outside its namespace')
})

t.test('what is mounted for reading only, elsewhere, or not at all is of no use', async t => {
  const readOnly = '35 24 0:30 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 rw'
  const twice = `${readOnly}\n36 24 0:30 / /with\\040blank rw - cgroup2 cgroup2 rw`
  t.same(hierarchiesOf('0::/a', readOnly), [])
  t.equal(hierarchiesOf('0::/a', twice)[0]!.folder, '/with blank/a')
  t.same(hierarchiesOf('0::/a\n3:memory:/a', '24 1 8:1 / / rw - ext4 /dev/sda1 rw'), [])
  t.same(hierarchiesOf('', ''), [])
})
