// grpc-load.mjs ADDRESS RUN: calls zilla.tests.Effects/Add with @grpc/grpc-js, eight at a time over eight connections, each call with an idempotency key of its
// own and again with the same one until it is OK. Prints a line `STATUS NAME` for the end of each try. SIGTERM: begins nothing new, and ends when all are OK.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [address, run] = process.argv.slice(2);
const { Effects } = grpc.loadPackageDefinition(loadSync('calls.proto')).zilla.tests;
let [next, stopped] = [0, false];
process.on('SIGTERM', () => { stopped = true; });

async function work() {
  const client = new Effects(address, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 });
  while (!stopped) {
    const name = `${run}-${next++}`;
    while (!await tried(client, name)) await new Promise(resolve => setTimeout(resolve, 50));
  }
  client.close();
}

function tried(client, name) {
  const metadata = new grpc.Metadata();
  metadata.set('idempotency-key', name);
  return new Promise(resolve => client.add({ name }, metadata, { deadline: Date.now() + 120_000 }, (error, answer) => {
    console.log(error ? `${grpc.status[error.code]} ${name} ${error.details}` : answer.name === name ? `OK ${name}` : `WRONG ${name} ${answer.name}`);
    resolve(!error);
  }));
}

await Promise.all(Array.from({ length: 8 }, work));
