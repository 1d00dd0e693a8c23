// Sends three records and reads them back with KafkaJS.
import { Kafka, Partitioners, logLevel } from 'kafkajs'

const topic = 'orders-node'
const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP ?? '127.0.0.1:9092'], logLevel: logLevel.ERROR })

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: true })
await producer.connect()
const messages = [1, 2, 3].map((number) => ({ key: `customer-${number}`, value: JSON.stringify({ order: number }) }))
for (const sent of await producer.send({ topic, messages })) {
  console.log(`sent ${messages.length} to ${sent.topicName}-${sent.partition} from offset ${sent.baseOffset}`)
}
await producer.disconnect()

const consumer = kafka.consumer({ groupId: 'billing-node' })
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await new Promise((done, failed) => {
  let read = 0
  consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error))
  consumer.run({
    eachMessage: async ({ message }) => {
      console.log(`read offset ${message.offset}: ${message.key} ${message.value}`)
      if (++read === messages.length) done()
    },
  })
})
await consumer.disconnect() // commits
