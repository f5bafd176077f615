package tofu.recipes.first;

import java.time.Duration;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Keeps a connection: says hello, hears whether it worked, waits and tries again; and begins anew
/// when the connection ends.
///
/// It neither receives nor waits itself, so that it fits into any receive loop, beside others of
/// its kind:
///
/// ```java
/// while (true) {
///     try (Message message = group.waitReceive(connector.step())) {
///         if (message != null && !connector.take(message)) {
///             handle(message);
///         }
///     }
/// }
/// ```
///
/// Threads: the one that receives from the group.
/// Errors: an address that no patience cures is an [AmpeException].
public final class Connector {
    private static final Duration LONG = Duration.ofDays(1);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Address.Client address;
    private final Backoff backoff;
    private int channel;
    private boolean connected;
    private int failures;
    private long dueNanos = System.nanoTime();

    /// Makes a connector, which does nothing until the first [#step()].
    public Connector(Ampe ampe, ChannelGroup group, Address.Client address, Backoff backoff) {
        this.ampe = ampe;
        this.group = group;
        this.address = address;
        this.backoff = backoff;
    }

    /// Says hello if it is time to.
    ///
    /// @return how long the group may be waited on at most before this is called again
    public Duration step() {
        if (channel == 0 && dueNanos - System.nanoTime() <= 0) {
            channel = Steps.hello(ampe, group, address);
        }
        return channel == 0 ? Duration.ofNanos(dueNanos - System.nanoTime()) : LONG;
    }

    /// Looks at a received message.
    ///
    /// @param message stays the caller's
    /// @return true if it was about connecting, and nobody else need look at it
    public boolean take(Message message) {
        if (channel == 0 || message.channel() != channel) {
            return false;
        }
        if (message.endsChannel()) {
            channel = 0;
            failures += connected ? 0 : 1;
            connected = false;
            dueNanos = System.nanoTime() + backoff.next().toNanos();
            return true;
        }
        if (connected || message.opCode().type() != OpCode.Type.HELLO) {
            return false;
        }
        if (message.origin() == Origin.APPLICATION) {
            connected = true;
            backoff.reset();
        } else if (message.status() == Status.INVALID_ADDRESS) {
            throw new AmpeException(message.status(), "cannot connect to " + address);
        }
        return true; // else the hello came back; the end of its channel follows
    }

    /// Whether there is a connection now.
    public boolean isConnected() {
        return connected;
    }

    /// The connection's channel; 0 if there is none.
    public int channel() {
        return connected ? channel : 0;
    }

    /// How many hellos failed so far.
    public int failures() {
        return failures;
    }
}
