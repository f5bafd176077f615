package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.OpCode;
import tofu.api.TextHeaders;

/// Snippets of docs/guide/messages.md.
class MessagesTest {
    @Test
    void aMessageIsFilledAndRead() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            byte[] bytes = {1, 2, 3};
            // @start region="fill"
            try (Message order = ampe.get()) {
                order.opCode(OpCode.REQUEST).channel(channel);
                order.headers().append("customer", "4711").append("priority", "high");
                order.body().append("three bytes: ").append(bytes);
                group.enqueueToPeer(order);
            }
            // @end
            String customer;
            List<String> names = new ArrayList<>();
            byte[] body;
            // @start region="read"
            try (Message message = group.waitReceive()) {
                customer = message.headers().first("customer"); // null if there is none
                TextHeaders.Cursor header = message.headers().cursor();
                while (header.next()) {
                    names.add(header.name());
                }
                body = message.body().toByteArray(); // a copy; text() decodes UTF-8
            }
            // @end
            assertThat(customer).isEqualTo("4711");
            assertThat(names).containsExactly("customer", "priority");
            assertThat(body).hasSize(16).endsWith(bytes);
        }
    }

    @Test
    void aReceivedMessageIsTurnedRound() throws Exception {
        try (Visit visit = Visit.begin()) {
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            group.enqueueToPeer(visit.request("ping"));
            // @start region="again"
            try (Message message = group.waitReceive()) { // a response
                message.clear().opCode(OpCode.REQUEST).channel(channel); // as new, same memory
                message.body().append("the next question");
                group.enqueueToPeer(message);
            }
            // @end
            visit.expect("the next question");
        }
    }

    @Test
    void numbersLieInTheBodysOwnMemory() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            // @start region="segment"
            ValueLayout.OfLong number =
                    ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
            try (Message sample = ampe.get()) {
                sample.opCode(OpCode.REQUEST).channel(channel).body().append(new byte[16]);
                MemorySegment body = sample.body().segment(); // borrowed: until the move
                body.set(number, 0, System.nanoTime());
                body.set(number, 8, 42);
                group.enqueueToPeer(sample);
            }
            // @end
            try (Message echo = FirstClient.next(group)) {
                assertThat(echo.body().segment().get(number, 8)).isEqualTo(42);
            }
        }
    }

    @Test
    void longContentIsAChain() throws Exception {
        byte[] content = new byte[200_000];
        content[199_999] = 7;
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            // @start region="write"
            try (Message first = ampe.get()) {
                first.opCode(OpCode.REQUEST).channel(channel).headers().append("name", "log.txt");
                try (MessageOutputStream out =
                        new MessageOutputStream(ampe, group, first, Duration.ofSeconds(30))) {
                    out.write(content); // waits while the send queue is full
                    out.finish(); // sends the last message, the one without `more`
                } // closing what is not finished tells the peer that the rest is missing
            }
            // @end
            byte[] received;
            // @start region="stream"
            try (Message first = group.waitReceive();
                    InputStream in =
                            MessageInputStream.receiving(
                                    first, group, Duration.ofSeconds(30), Message::close)) {
                received = in.readAllBytes();
            }
            // @end
            assertThat(received).isEqualTo(content);
        }
    }

    @Test
    void whatIsTooLongIsRefusedWhereItIsAppended() throws Exception {
        try (Ampe ampe = Ampe.open();
                Message message = ampe.get()) {
            assertThatThrownBy(() -> message.body().append(new byte[65_536]))
                    .isInstanceOf(AmpeException.class)
                    .hasMessageStartingWith("INVALID_BODY_LEN");
            assertThatThrownBy(() -> message.headers().append("two\r\nlines", "x"))
                    .isInstanceOf(AmpeException.class)
                    .hasMessageStartingWith("INVALID_HEADER");
            assertThat(message.body().length()).isZero();
        }
    }
}
