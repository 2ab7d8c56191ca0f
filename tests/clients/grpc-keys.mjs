// grpc-keys.mjs ADDRESS EFFECTS: the service zilla.tests.Effects of calls.proto, which may be killed at any time. An effect is a line `KEY NAME` of the file
// EFFECTS, written before the call is answered; a call whose idempotency key has its line is answered and has no other. Prints `ready`, then the line of
// each call that begins.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { openSync, readFileSync, writeSync } from 'node:fs';

const [address, file] = process.argv.slice(2);
const { Effects } = grpc.loadPackageDefinition(loadSync('calls.proto')).zilla.tests;
const effects = openSync(file, 'a+');
const done = new Set(readFileSync(file, 'latin1').split('\n').map(line => line.split(' ')[0]));

function add({ request, metadata }, answer) {
  const key = String(metadata.get('idempotency-key')[0] ?? '');
  if (key === '') return answer({ code: grpc.status.INVALID_ARGUMENT, details: 'no idempotency key' });
  const line = `${key} ${request.name}\n`;
  process.stdout.write(line);
  if (!done.has(key)) {
    writeSync(effects, line);
    done.add(key);
  }

  // Some time passes, as it does in services, in which it may be killed between the effect and the answer.
  setTimeout(() => answer(null, request), 20);
}

const server = new grpc.Server();
server.addService(Effects.service, { add });
server.bindAsync(address, grpc.ServerCredentials.createInsecure(), error => {
  if (error) throw error;
  console.log('ready');
});
