import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { scratchFolder } from './logs.ts'

/** Essential on every Debian. Node has no datagrams on sockets that are files, and the package for that is what is tested. */
const PERL = '/usr/bin/perl'

export const needsPerl: { skip: string | false } = {
  skip: existsSync(PERL) || process.env.CI === 'true' ? false : `there is no ${PERL} on this machine`
}

/** Binds a socket, says so, and prints each message that comes as a line. */
const LISTEN = `
  use Socket; $| = 1;
  socket(IN, AF_UNIX, SOCK_DGRAM, 0) && bind(IN, pack_sockaddr_un($ARGV[0])) || die $!;
  print "bound\\n";
  while (defined recv(IN, my $said, 4096, 0)) { $said =~ s/\\n/ /g; print "$said\\n" }`

/** What systemd is to a service: a socket on which it hears. */
export interface Manager {
  socket: string
  /** All that was said so far, in order. */
  heard: string[]
  /** For how long nobody has said anything, in milliseconds. */
  silence: () => number
}

export async function startManager(t: Test): Promise<Manager> {
  const socket = join(scratchFolder(t), 'notify')
  const perl = spawn(PERL, ['-e', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => perl.kill())
  const heard: string[] = []
  let last = performance.now()
  await new Promise<void>((resolve, reject) => {
    perl.on('exit', () => reject(new Error('perl could not listen')))
    createInterface({ input: perl.stdout }).on('line', line => {
      last = performance.now()
      if (line === 'bound') resolve()
      else heard.push(line)
    })
  })
  return { socket, heard, silence: () => performance.now() - last }
}
