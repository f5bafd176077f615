package tofu.tests.faults;

import java.time.Duration;
import java.util.Objects;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;

/// A program that tries to connect to its first argument and to listen on its second, and prints
/// the status of each; [OtherUserFault] starts it as somebody else.
final class OtherUser {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private OtherUser() {}

    /// Tries both.
    ///
    /// @param args see above
    /// @throws InterruptedException never
    public static void main(String[] args) throws InterruptedException {
        try (Ampe ampe = Ampe.open()) {
            Message hello = ampe.get();
            Message welcome = ampe.get();
            System.out.println(
                    statusOf(ampe, hello.connectTo(Address.connectTo(args[0])))
                            + " "
                            + statusOf(ampe, welcome.listenOn(Address.listenOn(args[1]))));
        }
    }

    private static Status statusOf(Ampe ampe, Message message) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            group.enqueueToPeer(message);
            try (Message answer = Objects.requireNonNull(group.waitReceive(PATIENCE))) {
                return answer.status();
            }
        }
    }
}
