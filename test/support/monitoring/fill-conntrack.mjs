// Run inside a network namespace of a test: opens many UDP flows on its loopback, so that its connection table fills.
// One datagram each, to an address and a port of 127.0.0.0/8. Usage: node fill-conntrack.mjs COUNT
import { createSocket } from 'node:dgram';

const count = Number(process.argv[2]);
const PORTS = 60_000;
const AT_ONCE = 500;
const socket = createSocket('udp4');
await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
for (let sent = 0; sent < count; sent += AT_ONCE) {
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count - sent) }, (_, i) => {
      const flow = sent + i;
      const address = `127.0.${1 + Math.floor(flow / PORTS)}.1`;
      // Nobody listens: the refusal that comes back is of no interest.
      return new Promise((resolve) => socket.send('x', 1024 + (flow % PORTS), address, resolve));
    }),
  );
}
socket.close();
