// Commits, aborts, and consumes-transforms-produces in transactions with kafkajs; prints one JSON line.
// node kafkajs-transactions.mjs <bootstrap servers> <topic>
import { Kafka, logLevel } from "kafkajs";

const [servers, topic] = [process.argv[2], process.argv[3]];
const [input, output, group] = [`${topic}-in`, `${topic}-out`, `${topic}-group`];
const kafka = new Kafka({ clientId: "kafkajs", brokers: servers.split(","), logLevel: logLevel.NOTHING });

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [input, output].map((name) => ({ topic: name, numPartitions: 2 })) });

const transactional = async () => {
  const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1, retry: { retries: 1 } });
  await producer.connect();
  return producer;
};

// Six transactions, every second one is aborted.
const producer = await transactional();
for (let i = 0; i < 6; i++) {
  const transaction = await producer.transaction();
  for (const partition of [0, 1]) {
    await transaction.send({ topic: input, messages: [{ partition, value: `${i}` }] });
  }
  await (i % 2 === 0 ? transaction.commit() : transaction.abort());
}

// A group reads the input; the first try to copy it is aborted together with its offsets.
const committedOffsets = async () =>
  (await admin.fetchOffsets({ groupId: group, topics: [input] }))[0].partitions.reduce((sum, p) => sum + Math.max(0, Number(p.offset)), 0);
const seen = [];
const last = new Map();
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: 200, maxWaitTimeInMs: 200 });
await consumer.connect();
await consumer.subscribe({ topic: input, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    seen.push(message.value.toString());
    last.set(partition, Number(message.offset) + 1);
  },
});
await until(() => seen.length === 6, "the six committed messages");
const offsets = { consumerGroupId: group, topics: [{ topic: input, partitions: [...last].map(([partition, offset]) => ({ partition, offset: `${offset}` })) }] };
const copy = async (end) => {
  const transaction = await producer.transaction();
  await transaction.send({ topic: output, messages: seen.map((value) => ({ value })) });
  await transaction.sendOffsets(offsets);
  await end(transaction);
  return committedOffsets();
};
const afterAbort = await copy((transaction) => transaction.abort());
const afterCommit = await copy((transaction) => transaction.commit());
await consumer.disconnect();

// A second producer of the same name fences the first; kafkajs asks for its id when its first transaction begins.
const successor = await transactional();
const end = await successor.transaction();
let fenced = "";
try {
  const transaction = await producer.transaction();
  await transaction.send({ topic: output, messages: [{ value: "zombie" }] });
  await transaction.commit();
} catch (error) {
  fenced = error.type ?? error.cause?.type ?? error.message;
}

const read = [];
const reader = kafka.consumer({ groupId: `${group}-reader`, sessionTimeout: 6000, maxWaitTimeInMs: 200 });
await reader.connect();
await reader.subscribe({ topic: output, fromBeginning: true });
await reader.run({ eachMessage: async ({ message }) => { read.push(message.value.toString()); } });
await end.send({ topic: output, messages: [{ value: "end" }] });
await end.commit();
await until(() => read.includes("end"), "the end");
await Promise.all([reader.disconnect(), producer.disconnect(), successor.disconnect(), admin.disconnect()]);

console.log(JSON.stringify({ seen: seen.sort(), read: read.filter((value) => value !== "end").sort(), afterAbort, afterCommit, fenced }));
process.exit(0);

async function until(condition, what) {
  for (const deadline = Date.now() + 30000; !condition();) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
