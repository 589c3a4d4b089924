import type { ProbeOutcome } from './probe-plan.js';

/** One tool of those that people reach for, and what it writes in each case that it can tell. */
interface HandTool {
  readonly words: readonly string[];
  readonly writes: Readonly<Partial<Record<ProbeOutcome, string>>>;
}

/** The tools that try one port or address; none where they cannot tell open from blocked. */
export function handTools(
  protocol: string,
  address: string,
  port: number | null,
  seconds: number,
): readonly HandTool[] {
  const limit = String(seconds);
  if (protocol.startsWith('ICMP')) {
    return [
      {
        words: ['ping', '-c', '1', '-W', limit, address],
        writes: { open: ' 0% packet loss', timeout: '100% packet loss' },
      },
    ];
  }
  if (protocol === 'UDP' && port === 53) {
    const words = ['dig', '+tries=1', `+time=${limit}`, `@${address}`, 'kubernetes.default.svc.cluster.local'];
    return [{ words, writes: { open: 'status: ', timeout: 'timed out' } }];
  }
  if (protocol !== 'TCP') return [];
  const host = address.includes(':') ? `[${address}]` : address;
  const told = 'connects %{num_connects}, exit %{exitcode}\\n';
  return [
    {
      words: ['nc', '-zvw', limit, address, String(port)],
      writes: { open: 'succeeded', refused: 'Connection refused', timeout: 'timed out' },
    },
    {
      // Any TCP port will do: what curl says of the connection is all that counts.
      words: ['curl', '-s', '-o', '/dev/null', '--max-time', limit, '-w', told, `telnet://${host}:${String(port)}`],
      writes: { open: 'connects 1', refused: 'connects 0, exit 7', timeout: 'connects 0, exit 28' },
    },
  ];
}
