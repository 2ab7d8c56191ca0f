// create-topic.mjs BROKERS TOPIC PARTITIONS [SETTING=VALUE…]: creates a topic.
import { Kafka, logLevel } from 'kafkajs';

const [brokers, topic, partitions, ...settings] = process.argv.slice(2);
const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR }).admin();
await admin.connect();
await admin.createTopics({
  topics: [{
    topic,
    numPartitions: Number(partitions),
    configEntries: settings.map(setting => ({ name: setting.split('=')[0], value: setting.split('=')[1] })),
  }],
});
await admin.disconnect();
