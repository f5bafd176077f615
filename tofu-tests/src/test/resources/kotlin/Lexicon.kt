package lexicon

import java.time.Duration
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import tofu.api.*
import tofu.kit.*

private val words = mapOf("tofu" to "bean curd")

/** Answers what a word means; who brings no key is sent away. */
fun serve(dispatcher: Dispatcher, where: Address.Server): Server =
    Server.builder(dispatcher)
        .listenOn(where)
        .refuse { hello -> if (hello.headers().first("key") == null) "no key" else null }
        .sessions { peer, _ ->
            Session { question ->
                val meaning = words[question.body().text()] ?: "no such word"
                question.body().clear().append(meaning)
                peer.answer(question)
            }
        }
        .start()

fun connect(dispatcher: Dispatcher, server: Address.Client): Connector =
    Connector.builder(dispatcher)
        .to(server)
        .hello { it.headers().append("key", "opensesame") }
        .start()

// @start region="ask"
suspend fun meaning(lexicon: Connector, word: String): String =
    lexicon.ask({ it.body().append(word) }, Duration.ofSeconds(20)).await().use { it.body().text() }
// @end

/** The same without the kit: one question, one answer. */
fun rawMeaning(ampe: Ampe, server: Address.Client, word: String): String? =
    ampe.create().use { group ->
        val channel = ampe.get().use { hello ->
            hello.connectTo(server).headers().append("key", "opensesame")
            group.enqueueToPeer(hello).channel()
        }
        answer(group, channel, word)
    }

private fun answer(group: ChannelGroup, channel: Int, word: String): String? {
    while (true) {
        val received = group.waitReceive(Duration.ofSeconds(20)) ?: return null
        received.use { message ->
            when {
                message.endsChannel() -> return null
                message.opCode() == OpCode.RESPONSE -> return message.body().text()
                message.opCode() == OpCode.HELLO_RESPONSE -> {
                    message.clear().channel(channel).body().append(word)
                    group.enqueueToPeer(message)
                }
            }
        }
    }
}

fun main(args: Array<String>) {
    Ampe.open().use { ampe ->
        Dispatcher(ampe).start().use { dispatcher ->
            val server = serve(dispatcher, Address.listenOn(args[0]))
            val address = server.listening().join().first()
            connect(dispatcher, address).use { lexicon ->
                println(runBlocking { meaning(lexicon, "tofu") })
                println(runBlocking { meaning(lexicon, "soy") })
            }
            println(rawMeaning(ampe, address, "tofu"))
        }
    }
}
