// grpc-call.mjs ADDRESS PROTO METHOD [COUNT] [NAME=VALUE…] [MESSAGE…]: calls PACKAGE.SERVICE/METHOD with @grpc/grpc-js. NAME=VALUE are metadata (Base64, of
// names in -bin), messages are in JSON. Prints each message of the answer on a line, COUNT of a stream and no more, and the status if it is not OK.
// With TLS, if the environment has CA, the file of the authority to trust; with CERT and KEY, files as well, the client shows its certificate.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { readFileSync } from 'node:fs';

const [address, proto, name, ...rest] = process.argv.slice(2);
const messages = rest.filter(text => text.startsWith('{')).map(text => JSON.parse(text));
let left = Number(rest.find(text => /^\d+$/.test(text)) ?? Infinity);
const metadata = new grpc.Metadata();
for (const [, key, value] of rest.map(text => /^([\w.-]+)=(.*)$/.exec(text)).filter(Boolean)) {
  metadata.add(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
}

const [service, method] = name.split('/');
const Client = service.split('.').reduce((scope, part) => scope[part], grpc.loadPackageDefinition(loadSync(proto, { keepCase: true })));
const { path, requestStream, responseStream, requestSerialize, responseDeserialize } = Client.service[method];
const [ca, key, cert] = [process.env.CA, process.env.KEY, process.env.CERT].map(file => file ? readFileSync(file) : null);
const client = new Client(address, ca ? grpc.credentials.createSsl(ca, key, cert) : grpc.credentials.createInsecure());

function print(message) {
  if (left-- > 0) console.log(JSON.stringify(message, (_, value) => value?.type === 'Buffer' ? Buffer.from(value).toString('base64') : value));
  if (left === 0) call.cancel();
}

function ended(status) {
  if (status.code !== grpc.status.OK && left > 0) {
    console.log(`${grpc.status[status.code]}: ${status.details}`);
    process.exitCode = 1;
  }

  client.close();
}

const answered = (error, message) => error ? ended(error) : (print(message), client.close());
const how = [path, requestSerialize, responseDeserialize];
const call = requestStream
  ? responseStream ? client.makeBidiStreamRequest(...how, metadata) : client.makeClientStreamRequest(...how, metadata, answered)
  : responseStream ? client.makeServerStreamRequest(...how, messages[0] ?? {}, metadata) : client.makeUnaryRequest(...how, messages[0] ?? {}, metadata, answered);
if (responseStream) call.on('data', print).on('error', () => {}).on('status', ended);
if (requestStream) {
  for (const message of messages) call.write(message);
  call.end();
}
