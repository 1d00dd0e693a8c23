// KafkaJS, told by the tests what to do: see ScriptedClient for the words.
const assert = require('node:assert')
const { CompressionTypes, ConfigResourceTypes, Kafka, Partitioners, logLevel } = require('kafkajs')

const [, , command, bootstrap, ...words] = process.argv
const kafka = new Kafka({ clientId: 'integration-test', brokers: [bootstrap], logLevel: logLevel.WARN })
const say = (...said) => process.stdout.write(said.join(' ') + '\n')
const sayRecord = ({ partition, message }) => say('record', partition, message.offset, message.value.toString())

async function produce(topic, count, compression, idempotent) {
  const producer = kafka.producer({
    idempotent: idempotent === 'true',
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const codec = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP }[compression]
  for (let sent = 0; sent < Number(count); sent += 50) {
    const messages = []
    for (let i = sent; i < Math.min(sent + 50, Number(count)); i++) messages.push({ key: 'key', value: String(i) })
    const [answer] = await producer.send({ topic, messages, acks: -1, compression: codec })
    assert.equal(answer.errorCode, 0)
  }
  await producer.disconnect()
}

// KafkaJS has no consumer without a group.
async function consume(topic, count) {
  const consumer = kafka.consumer({ groupId: `reader-of-${topic}-${process.pid}` })
  let left = Number(count)
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    const eachMessage = async record => {
      sayRecord(record)
      if (--left === 0) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
}

async function member(topic, groupId) {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500 })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    say('assigned', ...(payload.memberAssignment[topic] ?? []).sort()))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ eachMessage: async record => sayRecord(record) })
  await new Promise(resolve => process.stdin.on('end', resolve).resume())
  await consumer.disconnect()
}

async function admin(topic, existingTopic, existingGroup) {
  const client = kafka.admin()
  await client.connect()
  const configEntries = [{ name: 'retention.ms', value: '3600000' }]
  assert.ok(await client.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2, configEntries }] }))
  assert.ok((await client.listTopics()).includes(topic))
  assert.equal((await client.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length, 2)
  assert.equal((await client.describeCluster()).brokers.length, 1)
  assert.equal(await retention(client, topic), '3600000')
  const altered = { type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '7200000' }] }
  await client.alterConfigs({ validateOnly: false, resources: [altered] })
  assert.equal(await retention(client, topic), '7200000')
  await client.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  assert.equal((await client.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length, 4)

  const [offsets] = await client.fetchOffsets({ groupId: existingGroup, topics: [existingTopic] })
  assert.equal(offsets.partitions[0].offset, '5')
  assert.equal((await client.fetchTopicOffsets(existingTopic))[0].high, '10')
  await client.resetOffsets({ groupId: existingGroup, topic: existingTopic, earliest: true })
  await client.deleteTopicRecords({ topic: existingTopic, partitions: [{ partition: 0, offset: '3' }] })
  assert.equal((await client.fetchTopicOffsets(existingTopic))[0].low, '3')
  assert.ok((await client.listGroups()).groups.some(group => group.groupId === existingGroup))
  assert.equal((await client.describeGroups([existingGroup])).groups[0].state, 'Empty')
  await client.deleteGroups([existingGroup])

  await client.deleteTopics({ topics: [topic] })
  assert.ok(!(await client.listTopics()).includes(topic))
  await client.disconnect()
}

async function retention(client, topic) {
  const { resources } = await client.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }],
  })
  return resources[0].configEntries.find(entry => entry.configName === 'retention.ms').configValue
}

const commands = { produce, consume, member, admin }
commands[command](...words).then(
  () => say('done'),
  error => {
    console.error(error)
    process.exit(1)
  },
)
