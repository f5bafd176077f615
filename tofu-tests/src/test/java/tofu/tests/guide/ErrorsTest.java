package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;

/// Snippets of docs/guide/errors.md.
class ErrorsTest {
    // @start region="call"
    /// Sends, if the channel still takes it.
    ///
    /// @return false if there is no such channel any more
    static boolean send(ChannelGroup group, Message message) {
        try {
            group.enqueueToPeer(message);
            return true; // moved
        } catch (AmpeException e) {
            if (e.channelEnded()) {
                return false; // the peer is gone, and this call was too late
            }
            throw e; // a mistake of ours, a full queue, or the end of the group
        }
    }

    // @end

    // @start region="engine"
    /// Says what a message of the engine is about, or a listener's WelcomeResponse.
    static String about(Message message) {
        if (message.endsChannel()) {
            return "channel " + message.channel() + " has ended";
        }
        return switch (message.status()) {
            case CONNECT_FAILED, CONNECT_TIMEOUT, UDS_PATH_NOT_FOUND -> "nobody there, try later";
            case INVALID_ADDRESS -> "no such address";
            case PEER_DISCONNECTED, SEND_FAILED, RECV_FAILED, CHANNEL_CLOSED ->
                    "not sent: " + message.opCode() + " " + message.id();
            case POOL_EMPTY -> "close some messages";
            case SEND_QUEUE_READY -> "there is room again";
            case CHANNEL_IDLE -> "nothing has come for a while";
            case RECEIVER_UPDATE -> "an update of our own";
            case SUCCESS -> "the listener is open";
            case ACCEPT_FAILED, TOO_MANY_CHANNELS -> "a listener could not let somebody in";
            case SETSOCKOPT_FAILED -> "a socket option could not be set";
            default -> "the channel ends: " + message.status();
        };
    }

    // @end

    @Test
    void whatTheCallerDidWrongIsThrownAndTheMessageStays() throws Exception {
        try (Visit visit = Visit.begin();
                Message message = visit.request("x")) {
            FirstClient.leave(visit.ampe, visit.group, visit.channel);
            assertThat(send(visit.group, message)).isFalse();
            assertThat(message.isEmptied()).isFalse();
        }
    }

    @Test
    void whatTheNetworkDidIsAMessage() throws Exception {
        List<String> told = new ArrayList<>();
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            String nobody = "uds|" + TestAddresses.temporaryUdsPath();
            int channel;
            try (Message hello = ampe.get()) {
                hello.opCode(OpCode.HELLO_REQUEST).headers().append("~connect_to", nobody);
                channel = group.enqueueToPeer(hello).channel();
            }
            boolean open = true;
            while (open) {
                try (Message message = FirstClient.next(group)) {
                    assertThat(message.origin()).isEqualTo(Origin.ENGINE);
                    assertThat(message.channel()).isEqualTo(channel);
                    told.add(about(message));
                    open = !message.endsChannel();
                }
            }
            assertThat(told)
                    .containsExactly(
                            "nobody there, try later", "channel " + channel + " has ended");
        }
    }

    @Test
    void notEveryMessageOfTheEngineIsTrouble() throws Exception {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            try (Message welcome = ampe.get()) {
                String path = TestAddresses.temporaryUdsPath();
                group.enqueueToPeer(welcome.listenOn(new Address.UdsServer(path)));
            }
            try (Message opened = FirstClient.next(group)) {
                assertThat(about(opened)).isEqualTo("the listener is open");
            }
            group.updateReceiver(null);
            try (Message update = FirstClient.next(group)) {
                assertThat(about(update)).isEqualTo("an update of our own");
            }
        }
    }

    @Test
    void anEmptiedMessageIsRefused() {
        try (Ampe ampe = Ampe.open()) {
            Message message = ampe.get();
            message.close();
            message.close();
            try {
                message.body();
            } catch (AmpeException e) {
                assertThat(e.status()).isEqualTo(Status.NULL_MESSAGE);
                return;
            }
        }
        throw new AssertionError("not refused");
    }
}
