package tofu.kit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.TextHeaders;

/// Who has which message: the filters in their order, then the first that fits of the handlers for
/// its channel, for one of its text headers, for its op code, and for all else.
///
/// A hello of a peer goes to the handler for its op code, or to the one for all else: it is the
/// first message of its channel, so that a handler for the number is one of an older channel; and
/// no text header leads a stranger past who looks at the hellos.
///
/// A header or an op code means something only in a message of an application: what the engine says
/// or gives back goes to the handler of the channel, or to the one for all else.
///
/// Threads: any changes, one routes.
final class Routes {
    private record HeaderRoute(String name, Handler handler) {}

    /// A handler that another one may take the place of.
    private record Leftover(Handler handler) implements Handler {
        @Override
        public void onMessage(Message message) throws Exception {
            handler.onMessage(message);
        }
    }

    private final CopyOnWriteArrayList<Filter> filters = new CopyOnWriteArrayList<>();
    private final Map<Integer, Handler> channels = new ConcurrentHashMap<>();

    /// Loop only.
    private final Map<Integer, Handler> owners = new HashMap<>();

    private final List<HeaderRoute> headers = new CopyOnWriteArrayList<>();
    private final Map<OpCode, Handler> opCodes = new ConcurrentHashMap<>();
    private volatile Handler otherwise = message -> {};

    void add(Filter filter) {
        filters.add(filter);
    }

    void addFirst(Filter filter) {
        filters.addFirst(filter);
    }

    void remove(Filter filter) {
        filters.remove(filter);
    }

    List<Filter> filters() {
        return filters;
    }

    void put(int channel, Handler handler) {
        channels.put(channel, handler);
    }

    void remove(int channel) {
        channels.remove(channel);
    }

    /// Adds the handler of who has to know of a channel until its end: behind another one for the
    /// channel, which goes and leaves it where it is.
    void own(int channel, Handler handler) {
        owners.put(channel, handler);
    }

    void put(String header, Handler handler) {
        headers.removeIf(route -> route.name().equals(header));
        headers.add(new HeaderRoute(header, handler));
    }

    void remove(String header) {
        headers.removeIf(route -> route.name().equals(header));
    }

    /// Adds a handler, unless the op code has one already that is not [left over][#leave].
    ///
    /// @return the one that was left over, for [#putBack]; null if there was none
    /// @throws IllegalStateException if it has
    @Nullable Handler put(OpCode opCode, Handler handler) {
        Handler before = opCodes.putIfAbsent(opCode, handler);
        boolean free =
                before == null
                        || (before instanceof Leftover && opCodes.replace(opCode, before, handler));
        if (!free) {
            throw new IllegalStateException(opCode + " has a handler already");
        }
        return before;
    }

    void remove(OpCode opCode) {
        opCodes.remove(opCode);
    }

    /// Puts the handler before back in the place of this one, unless another one is there.
    ///
    /// @param before as [#put] has returned it
    void putBack(OpCode opCode, Handler handler, @Nullable Handler before) {
        if (before == null) {
            opCodes.remove(opCode, handler);
        } else {
            opCodes.replace(opCode, handler, before);
        }
    }

    /// Leaves a handler where it is, until there is another one; does nothing if there is.
    void leave(OpCode opCode, Handler handler) {
        opCodes.replace(opCode, handler, new Leftover(handler));
    }

    void otherwise(Handler handler) {
        otherwise = handler;
    }

    /// Brings a message to whom it concerns.
    ///
    /// @param message may be moved
    void route(Message message) throws Throwable {
        if (message.endsChannel()) {
            tellAll(message);
            return;
        }
        if (isHello(message)) {
            channels.remove(message.channel());
        }
        for (Filter filter : filters) {
            if (filter.take(message)) {
                return;
            }
        }
        find(message).onMessage(message);
    }

    /// The end of a channel concerns everybody, whatever one of them throws.
    private void tellAll(Message last) throws Throwable {
        int channel = last.channel(); // the handler may move it
        Handler handler = find(last);
        channels.remove(channel); // first this: a new channel with the number may have a handler
        Handler owner = owners.remove(channel);
        Throwable failure = null;
        for (Filter filter : filters) {
            failure = tell(filter::take, last, failure);
        }
        if (owner != null && owner != handler) {
            failure = tell(owner, last, failure);
        }
        failure = tell(handler, last, failure);
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable Throwable tell(
            Handler handler, Message last, @Nullable Throwable before) {
        try {
            handler.onMessage(last);
        } catch (Throwable e) {
            if (before == null) {
                return e;
            }
            if (before != e) {
                before.addSuppressed(e);
            }
        }
        return before;
    }

    private Handler find(Message message) {
        if (isHello(message)) {
            return opCodes.getOrDefault(OpCode.HELLO_REQUEST, otherwise);
        }
        Handler found = channels.get(message.channel());
        if (found == null) {
            found = owners.get(message.channel());
        }
        if (found == null && message.origin() == Origin.APPLICATION) {
            found = headers.isEmpty() ? null : findByHeader(message);
            if (found == null) {
                found = opCodes.get(message.opCode());
            }
        }
        return found == null ? otherwise : found;
    }

    /// Whether a peer begins its channel; an update of our own may have any op code.
    private static boolean isHello(Message message) {
        return message.opCode() == OpCode.HELLO_REQUEST
                && message.origin() == Origin.APPLICATION
                && message.channel() != 0;
    }

    private @Nullable Handler findByHeader(Message message) {
        TextHeaders.Cursor cursor = message.headers().cursor();
        while (cursor.next()) {
            for (HeaderRoute route : headers) {
                if (cursor.nameIs(route.name())) {
                    return route.handler();
                }
            }
        }
        return null;
    }
}
