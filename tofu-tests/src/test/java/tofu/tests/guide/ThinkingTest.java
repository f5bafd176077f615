package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// Snippets of docs/guide/thinking-in-messages.md.
class ThinkingTest {
    @Test
    void fourVerbsAreFourMessages() throws Exception {
        try (Neighbour neighbour = Neighbour.start();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            String there = neighbour.address().toString();
            // @start region="verbs"
            try (Message listen = ampe.get()) {
                group.enqueueToPeer(listen.listenOn(Address.listenOn("tcp|127.0.0.1|0")));
            }
            int channel;
            try (Message connect = ampe.get()) {
                channel =
                        group.enqueueToPeer(connect.connectTo(Address.connectTo(there))).channel();
            }
            try (Message talk = ampe.get()) {
                talk.opCode(OpCode.REQUEST).channel(channel).body().append("How are you?");
                group.enqueueToPeer(talk);
            }
            try (Message close = ampe.get()) {
                group.enqueueToPeer(close.opCode(OpCode.BYE_REQUEST).channel(channel));
            }
            // @end
            int listening = 0;
            boolean open = true;
            while (open) {
                try (Message message = FirstClient.next(group)) {
                    assertThat(message.origin() == Origin.APPLICATION || message.endsChannel())
                            .isTrue();
                    listening += message.opCode() == OpCode.WELCOME_RESPONSE ? 1 : 0;
                    open = !message.endsChannel();
                }
            }
            assertThat(listening).isEqualTo(1);
        }
    }

    @Test
    void theHeaderThatRemainsFindsTheAnswer() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            // @start region="header"
            BinaryHeader asked;
            try (Message question = ampe.get()) {
                question.opCode(OpCode.REQUEST).channel(channel).body().append("42?");
                asked = group.enqueueToPeer(question);
            }
            boolean mine;
            try (Message answer = group.waitReceive()) {
                mine = answer.channel() == asked.channel() && answer.id() == asked.id();
            }
            // @end
            assertThat(mine).isTrue();
        }
    }
}
