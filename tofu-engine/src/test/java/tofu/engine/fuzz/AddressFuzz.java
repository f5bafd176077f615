package tofu.engine.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static tofu.engine.fuzz.FuzzCheck.check;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    private static final String DIGITS = "0123456789";
    private static final String HEX = DIGITS + "abcdefABCDEF";
    private static final String NAMES =
            DIGITS + "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

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
            switch (address) {
                case Address.Client there -> message.connectTo(there);
                case Address.Server here -> message.listenOn(here);
            }
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
        String kind = parts.getFirst();
        if (!(kind.equals("tcp") || kind.equals("tls")) || parts.size() > 3) {
            return null;
        }
        String host = parts.size() < 2 ? "" : parts.get(1);
        int port = parts.size() < 3 || parts.get(2).isEmpty() ? 7099 : number(parts.get(2));
        if (!isHost(host) || port < (client ? 1 : 0) || port > 65_535) {
            return null;
        }
        return kind + "|" + (client && host.isEmpty() ? "127.0.0.1" : host) + "|" + port;
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
        if (host.length() > 253 || !isAscii(host)) {
            return false;
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (bracketed || host.contains(":")) {
            return isIpv6(bare);
        }
        String dotless = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        List<String> labels = List.of(dotless.split("\\.", -1));
        String last = labels.getLast().toLowerCase(Locale.ROOT);
        if (consistsOf(last, DIGITS)
                || (last.startsWith("0x") && consistsOf("0" + last.substring(2), HEX))) {
            return isIpv4(host);
        }
        return host.isEmpty()
                || labels.stream().allMatch(l -> l.length() <= 63 && consistsOf(l, NAMES));
    }

    private static boolean consistsOf(String text, String characters) {
        return !text.isEmpty() && text.chars().allMatch(c -> characters.indexOf(c) >= 0);
    }

    private static boolean isIpv4(String host) {
        List<String> numbers = List.of(host.split("\\.", -1));
        return numbers.size() == 4
                && numbers.stream()
                        .allMatch(n -> number(n) >= 0 && n.equals("" + Math.min(number(n), 255)));
    }

    /// At most eight groups of at most four digits; `::` once stands for those that lack; the last
    /// two may be an IPv4 address.
    private static boolean isIpv6(String text) {
        int percent = text.indexOf('%');
        String address = percent < 0 ? text : text.substring(0, percent);
        String scope = percent < 0 ? "1" : text.substring(percent + 1);
        boolean isScope =
                !scope.isEmpty() && scope.chars().allMatch(c -> c > ' ' && "%[]|".indexOf(c) < 0);
        if (!isScope || scope.indexOf(127) >= 0) {
            return false;
        }
        int colons = address.lastIndexOf(':');
        String last = address.substring(colons + 1);
        if (last.contains(".")) {
            if (!isIpv4(last)) {
                return false;
            }
            address = address.substring(0, colons + 1) + "0:0";
        }
        int gap = address.indexOf("::");
        if (gap < 0) {
            return groups(address) == 8;
        }
        int before = gap == 0 ? 0 : groups(address.substring(0, gap));
        String behind = address.substring(gap + 2);
        int after = behind.isEmpty() ? 0 : groups(behind);
        return before >= 0 && after >= 0 && before + after < 8;
    }

    /// How many groups there are, -1 if one of them is none.
    private static int groups(String text) {
        List<String> groups = List.of(text.split(":", -1));
        boolean good = groups.stream().allMatch(g -> g.length() <= 4 && consistsOf(g, HEX));
        return good ? groups.size() : -1;
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
