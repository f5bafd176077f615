package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// A pool, and beside it the books of what must be out and what must be in it.
final class PoolBooks {
    private final SlotPool pool;
    private final int maxMessages;
    private final long maxBytes;
    private final List<Entry> messages = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private int reserveOut;
    private long nextId = 1;

    PoolBooks(int maxMessages, long maxBytes) {
        this.pool = Pools.pool(maxMessages, maxBytes);
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /// A message that is out, and what it must contain.
    private static final class Entry {
        private final SlabMessage lease;
        private final long id;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private int headers;

        Entry(SlabMessage lease, long id) {
            this.lease = lease;
            this.id = id;
            lease.id(id);
        }

        void check() {
            assertThat(lease.id()).isEqualTo(id);
            assertThat(lease.slot().owner()).isEqualTo(Owner.LEASE);
            assertThat(lease.headers().toMap()).hasSize(headers);
            assertThat(Arrays.equals(lease.body().toByteArray(), body.toByteArray()))
                    .as("body of message %d", id)
                    .isTrue();
        }
    }

    SlotPool pool() {
        return pool;
    }

    void get(AllocationStrategy how) {
        int out = messagesOut();
        try {
            SlabMessage lease = pool.get(how);
            if (lease == null) {
                assertThat(how).isEqualTo(AllocationStrategy.POOL_ONLY);
                assertThat(out >= maxMessages || isNearTheCap()).isTrue();
            } else {
                assertThat(how == AllocationStrategy.ALWAYS || out < maxMessages).isTrue();
                messages.add(new Entry(lease, nextId++));
            }
        } catch (AmpeException refused) {
            assertThat(how).isEqualTo(AllocationStrategy.ALWAYS);
            assertThat(refused.status()).isEqualTo(Status.ALLOCATION_FAILED);
            assertThat(isNearTheCap()).isTrue();
        }
    }

    void append(int index, int length) {
        Entry entry = pick(messages, index);
        if (entry == null) {
            return;
        }
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) entry.id);
        try {
            entry.lease.body().append(bytes);
            entry.body.writeBytes(bytes);
        } catch (AmpeException refused) {
            boolean tooLong = entry.body.size() + length > 65_535;
            assertThat(refused.status())
                    .isEqualTo(tooLong ? Status.INVALID_BODY_LEN : Status.ALLOCATION_FAILED);
        }
    }

    void addHeader(int index) {
        Entry entry = pick(messages, index);
        if (entry == null) {
            return;
        }
        try {
            entry.lease.headers().append("name" + entry.headers, "value of " + entry.id);
            entry.headers++;
        } catch (AmpeException refused) {
            assertThat(refused.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }

    void close(int index) {
        Entry entry = pick(messages, index);
        if (entry != null) {
            messages.remove(entry);
            entry.lease.close();
            entry.lease.close();
        }
    }

    /// Moves a message as an engine does: its slot is a queue's then.
    void move(int index) {
        Entry entry = pick(messages, index);
        if (entry != null) {
            messages.remove(entry);
            slots.add(entry.lease.slot().handOver(Owner.LEASE, Owner.QUEUE));
            entry.lease.moved();
        }
    }

    void take(int frameLength) {
        Slot slot = pool.take(frameLength, AllocationStrategy.POOL_ONLY, Owner.QUEUE);
        if (slot != null) {
            assertThat(slot.capacity()).isGreaterThanOrEqualTo(frameLength);
            slots.add(slot);
        }
    }

    void takeNotices(int count) {
        for (int i = 0; i < count; i++) {
            boolean fromReserve = reserveOut < Pools.RESERVE;
            Slot slot = pool.takeForNotice();
            if (slot == null) {
                assertThat(fromReserve).isFalse();
                return;
            }
            slots.add(slot);
            reserveOut += fromReserve ? 1 : 0;
        }
    }

    void release(int index) {
        Slot slot = pick(slots, index);
        if (slot != null) {
            release(slot);
        }
    }

    void closeMessages() {
        messages.forEach(entry -> entry.lease.close());
        messages.clear();
    }

    void closeAll() {
        closeMessages();
        List.copyOf(slots).forEach(this::release);
        assertThat(pool.census()).containsOnlyKeys(Owner.FREE);
        pool.close();
    }

    /// Compares pool and books.
    void check() {
        assertThat(pool.messagesOut()).isEqualTo(messagesOut());
        assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(maxBytes);
        var census = pool.census();
        assertThat(census.getOrDefault(Owner.LEASE, 0)).isEqualTo(messages.size());
        assertThat(census.getOrDefault(Owner.QUEUE, 0)).isEqualTo(slots.size());
        assertThat(census.getOrDefault(Owner.CHANNEL, 0)).isZero();
        assertThat(census.values().stream().mapToInt(Integer::intValue).sum())
                .as("slots in all")
                .isBetween(messages.size() + slots.size(), (int) (maxBytes / 128));
        Set<Slot> referred = new HashSet<>(slots);
        messages.forEach(entry -> referred.add(entry.lease.slot()));
        assertThat(referred).as("one referrer each").hasSize(messages.size() + slots.size());
        messages.forEach(Entry::check);
    }

    private void release(Slot slot) {
        slots.remove(slot);
        int before = pool.messagesOut();
        slot.release(Owner.QUEUE);
        reserveOut -= before == pool.messagesOut() ? 1 : 0;
    }

    private int messagesOut() {
        return messages.size() + slots.size() - reserveOut;
    }

    /// Whether one more slab of the smallest size does not fit beside what is in use.
    private boolean isNearTheCap() {
        return pool.bytesAllocated() + maxBytes / 64 > maxBytes;
    }

    private static <T> @Nullable T pick(List<T> list, int index) {
        return list.isEmpty() ? null : list.get(index % list.size());
    }
}
