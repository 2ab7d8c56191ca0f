// grpc-follow.mjs ADDRESS FILE: follows zilla.tests.Feed with @grpc/grpc-js and appends a line `NUMBER POSITION` to FILE for each message. It may be killed at
// any time: what it has done and where it goes on are written at once, as one line, and the next one goes on behind the last line.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { openSync, readFileSync, writeSync } from 'node:fs';

const [address, file] = process.argv.slice(2);
const done = openSync(file, 'a+');
const last = readFileSync(file, 'latin1').trimEnd().split('\n').at(-1).split(' ')[1];

const { Feed } = grpc.loadPackageDefinition(loadSync('calls.proto', { longs: String })).zilla.tests;
const metadata = new grpc.Metadata();
if (last) metadata.set('last-message-id', last);
new Feed(address, grpc.credentials.createInsecure()).follow({}, metadata)
  .on('data', ({ number, progress }) => writeSync(done, `${number} ${progress.toString('base64url')}\n`))
  .on('error', error => { throw error; });
