// grpc-echo.mjs ADDRESS PROTO: the service example.EchoService of the file, with @grpc/grpc-js and nothing of the gateway's. It sends back each message as it
// comes, EchoClientStream all of them joined. Prints `ready`, then a line `METHOD IDEMPOTENCY-KEY` for each call that begins.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [address, proto] = process.argv.slice(2);
const { EchoService } = grpc.loadPackageDefinition(loadSync(proto)).example;

const began = call => console.log(call.getPath().split('/').at(-1), call.metadata.get('idempotency-key').join());

const methods = {
  echoUnary(call, answer) {
    began(call);
    answer(null, call.request);
  },
  echoClientStream(call, answer) {
    began(call);
    const messages = [];
    call.on('data', ({ message }) => messages.push(message)).on('end', () => answer(null, { message: messages.join(' ') }));
  },
  echoServerStream(call) {
    began(call);
    call.write(call.request);
    call.end();
  },
  echoBidiStream(call) {
    began(call);
    call.on('data', message => call.write(message)).on('end', () => call.end());
  },
};

const server = new grpc.Server();
server.addService(EchoService.service, methods);
server.bindAsync(address, grpc.ServerCredentials.createInsecure(), error => {
  if (error) throw error;
  console.log('ready');
});
