// grpc-reflection.mjs ADDRESS VERSION SERVICE METHOD REQUEST: what a client can do that has no .proto file. Prints the services as a line of JSON,
// then what calling a method gives, by what reflection (VERSION v1 or v1alpha) said of it.
import grpc from '@grpc/grpc-js';
import { GrpcReflection } from 'grpc-js-reflection-client';

const [address, version, service, method, request] = process.argv.slice(2);
const credentials = grpc.credentials.createInsecure();
const reflection = new GrpcReflection(address, credentials, {}, version);
console.log(JSON.stringify(await reflection.listServices()));

const descriptor = await reflection.getDescriptorBySymbol(service);
const Service = service.split('.').reduce((scope, name) => scope[name], descriptor.getPackageObject({ keepCase: true, longs: String }));
const client = new Service(address, credentials);
const answer = await new Promise((resolve, reject) => client[method](JSON.parse(request), (error, message) => (error ? reject(error) : resolve(message))));
console.log(JSON.stringify(answer));
process.exit(0);
