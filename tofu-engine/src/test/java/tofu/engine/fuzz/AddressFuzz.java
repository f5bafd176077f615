package tofu.engine.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static tofu.engine.fuzz.FuzzCheck.check;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.pool.SlotPool;

/// Any text is an address exactly if the wire spec, section 1, says so; and an address survives its
/// own text, a message, and the JDK's form.
///
/// The first byte of an input says whose address it is, and how the rest is read as text.
///
/// Thread: one at a time, but for [#fuzzerTestOneInput(byte[])].
public final class AddressFuzz {
    private static final AddressFuzz SHARED = new AddressFuzz();

    private final SlotPool pool =
            new SlotPool(
                    Options.builder()
                            .initialPoolMessages(0)
                            .leakDetection(LeakDetection.OFF)
                            .build());

    /// Lets a fuzzer try an input.
    public static void fuzzerTestOneInput(byte[] data) {
        synchronized (SHARED) {
            SHARED.run(data);
        }
    }

    private void run(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int mode = input.octet();
        boolean client = (mode & 1) == 0;
        String text = new String(input.rest(), (mode & 2) == 0 ? UTF_8 : ISO_8859_1);
        Address address = parsed(client, text);
        String expected = naive(client, text);
        boolean mayDependOnTheSystem = text.startsWith("uds") && !isAscii(text);
        if (address == null) {
            check(expected == null || mayDependOnTheSystem, "refused, and should not be");
        } else {
            check(address.toString().equals(expected), () -> address + " is not " + expected);
            checkSurvives(client, address);
        }
    }

    private static @Nullable Address parsed(boolean client, String text) {
        try {
            return client ? Address.connectTo(text) : Address.listenOn(text);
        } catch (AmpeException refused) {
            check(refused.status() == Status.INVALID_ADDRESS, () -> "" + refused.status());
            return null;
        }
    }

    private void checkSurvives(boolean client, Address address) {
        check(address.equals(parsed(client, address.toString())), "its own text");
        SocketAddress jdk = address.unresolved();
        Address again = client ? Address.connectTo(jdk) : Address.listenOn(jdk);
        boolean wildcard =
                jdk instanceof InetSocketAddress inet
                        && inet.getAddress() != null
                        && inet.getAddress().isAnyLocalAddress();
        if (wildcard && !client) {
            check(again instanceof Address.TcpServer all && all.host().isEmpty(), "all interfaces");
        } else {
            check(again.unresolved().equals(jdk), "the JDK's form");
        }
        try (Message message =
                Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS)).channel(7)) {
            address.format(message);
            check(message.channel() == 0, "the channel of a message that opens one");
            OpCode opCode = client ? OpCode.HELLO_REQUEST : OpCode.WELCOME_REQUEST;
            check(message.opCode() == opCode, "the op code of a message that opens a channel");
            check(Address.parse(message).equals(address), "a message");
        }
        check(pool.messagesOut() == 0, "a slot is not home");
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /// The text that the address must have, `null` if there is no such address.
    private static @Nullable String naive(boolean client, String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (c == '|') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        if (parts.getFirst().equals("uds") && parts.size() == 2) {
            return isPath(parts.get(1)) ? text : null;
        }
        if (!parts.getFirst().equals("tcp") || parts.size() > 3) {
            return null;
        }
        String host = parts.size() < 2 ? "" : parts.get(1);
        int port = parts.size() < 3 || parts.get(2).isEmpty() ? 7099 : number(parts.get(2));
        if (!isHost(host) || port < (client ? 1 : 0) || port > 65_535) {
            return null;
        }
        return "tcp|" + (client && host.isEmpty() ? "127.0.0.1" : host) + "|" + port;
    }

    private static int number(String digits) {
        int number = 0;
        for (char c : digits.toCharArray()) {
            if (c < '0' || c > '9' || digits.length() > 5) {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    private static boolean isHost(String host) {
        for (char c : host.toCharArray()) {
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return host.length() <= 253;
    }

    private static boolean isPath(String path) {
        for (char c : path.toCharArray()) {
            if (c < ' ') {
                return false;
            }
        }
        return path.startsWith("/") && !path.endsWith(" ") && path.getBytes(UTF_8).length <= 106;
    }
}
