package tofu.tests.limits;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;

/// What an engine's pool has to give while nothing is out.
///
/// @param messages how many there are for those who take no more than there should be
/// @param longest how many of the longest bodies there is memory for, up to a number
record Inventory(int messages, int longest) {
    private static final int MOST = 100;

    private static final Map<List<Long>, Inventory> FRESH = new ConcurrentHashMap<>();

    /// Takes all there is, and gives it back.
    static Inventory of(Ampe ampe) {
        Deque<Message> all = new ArrayDeque<>();
        try {
            Message message = ampe.get(AllocationStrategy.POOL_ONLY);
            while (message != null) {
                all.add(message);
                message = ampe.get(AllocationStrategy.POOL_ONLY);
            }
            int messages = all.size();
            release(all);
            return new Inventory(messages, longest(ampe, all));
        } finally {
            release(all);
        }
    }

    private static int longest(Ampe ampe, Deque<Message> all) {
        byte[] bytes = new byte[65_535];
        try {
            while (all.size() < MOST) {
                Message message = ampe.get();
                all.add(message);
                message.body().append(bytes);
            }
            return MOST;
        } catch (AmpeException e) {
            if (e.status() != Status.ALLOCATION_FAILED) {
                throw e;
            }
            return all.size();
        }
    }

    private static void release(Deque<Message> all) {
        all.forEach(Message::close);
        all.clear();
    }

    /// What a new engine has.
    static Inventory fresh(Options options) {
        List<Long> key = List.of((long) options.maxPoolMessages(), options.maxPoolBytes());
        return FRESH.computeIfAbsent(
                key,
                k -> {
                    try (Ampe ampe = Ampe.open(options)) {
                        return of(ampe);
                    }
                });
    }
}
