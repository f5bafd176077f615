package tofu.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What an engine has by channel number.
///
/// Numbers look random, so that one that was mistyped or kept too long rarely hits another channel.
/// A released number rests in quarantine before it is used again, in the order of release.
///
/// All memory that a number will need is there when it is reserved: a release cannot fail for want
/// of it.
///
/// Threads: any. [#find(int)] and [#all()] are lock-free; the rest takes a lock, once in a
/// channel's life.
///
/// @param <E> what is found by a number
final class ChannelTable<E> {
    /// Numbers are 1 to this.
    static final int MAX_NUMBER = 65_534;

    private static final int PAGE_BITS = 8;
    private static final int PAGE_SIZE = 1 << PAGE_BITS;
    private static final int NUMBER_SPACE = 1 << 16;

    /// Multiplier and increment of a generator that visits every 16-bit number once in its period:
    /// the multiplier is 1 modulo 4, the increment is odd (Hull and Dobell).
    private static final int MULTIPLIER = 0x6255;

    private static final int INCREMENT = 0x3619;

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable E>> pages =
            new AtomicReferenceArray<>(NUMBER_SPACE / PAGE_SIZE);

    /// A monitor, which is left even when the stack of an application's thread is at its end: that
    /// is too short then for a call that would unlock something.
    private final Object lock = new Object();

    private final int maxChannels;
    private final long quarantineNanos;

    private int generated;
    private int freshLeft = NUMBER_SPACE;
    private int inUse;

    /// Released numbers and when, a ring in the order of release; has room for those in use, too.
    private int[] restingNumbers = new int[16];

    private long[] restingSince = new long[16];
    private int restingFirst;
    private int restingCount;

    /// Makes an empty table.
    ///
    /// @param maxChannels channels at one time, 1 to 65,534
    /// @param quarantineNanos how long a released number rests
    /// @param seed any number; decides the order of numbers
    ChannelTable(int maxChannels, long quarantineNanos, long seed) {
        this.maxChannels = maxChannels;
        this.quarantineNanos = quarantineNanos;
        this.generated = (int) seed & NUMBER_SPACE - 1;
    }

    /// Finds by number.
    ///
    /// @param number any number
    /// @return what was put there, `null` if the number is not in use
    @Nullable E find(int number) {
        if (number < 0 || number >= NUMBER_SPACE) {
            return null;
        }
        AtomicReferenceArray<@Nullable E> page = pages.get(number >>> PAGE_BITS);
        return page == null ? null : page.get(number & PAGE_SIZE - 1);
    }

    /// All that is there, as far as nobody changes it meanwhile.
    ///
    /// @return a list of its own, in the order of the numbers
    List<E> all() {
        List<E> all = new ArrayList<>();
        for (int i = 0; i < pages.length(); i++) {
            AtomicReferenceArray<@Nullable E> page = pages.get(i);
            for (int k = 0; page != null && k < PAGE_SIZE; k++) {
                E entry = page.get(k);
                if (entry != null) {
                    all.add(entry);
                }
            }
        }
        return all;
    }

    /// Takes a number out of the free ones.
    ///
    /// @param nowNanos the time
    /// @return the number, to be given to [#put(int, Object)] or [#release(int, long)]; 0 when all
    ///     are in use or resting
    int reserve(long nowNanos) {
        synchronized (lock) {
            if (inUse >= maxChannels) {
                return 0;
            }
            makeRoomToRest();
            int number = rested(nowNanos);
            if (number == 0) {
                number = fresh();
            }
            if (number != 0) {
                inUse++;
            }
            return number;
        }
    }

    /// Makes something findable by a reserved number. To be called before anything can release the
    /// number, or another's entry could be replaced.
    ///
    /// @param number the number
    /// @param entry what is to be found
    /// @throws IllegalStateException if there is an entry already: a bug of the caller
    void put(int number, E entry) {
        synchronized (lock) {
            AtomicReferenceArray<@Nullable E> page = pages.get(number >>> PAGE_BITS);
            if (page == null || !page.compareAndSet(number & PAGE_SIZE - 1, null, entry)) {
                throw new IllegalStateException("number " + number + " is not free for an entry");
            }
        }
    }

    /// Ends the use of a number; its quarantine begins.
    ///
    /// @param number a reserved number
    /// @param nowNanos the time
    void release(int number, long nowNanos) {
        synchronized (lock) {
            AtomicReferenceArray<@Nullable E> page = pages.get(number >>> PAGE_BITS);
            if (page != null) {
                page.set(number & PAGE_SIZE - 1, null);
            }
            // No call from here on: none can fail.
            int at = (restingFirst + restingCount) % restingNumbers.length;
            restingNumbers[at] = number;
            restingSince[at] = nowNanos;
            restingCount++;
            inUse--;
        }
    }

    /// How many numbers are in use.
    ///
    /// @return a number that other threads may be changing
    int inUse() {
        synchronized (lock) {
            return inUse;
        }
    }

    private int rested(long nowNanos) {
        if (restingCount == 0 || nowNanos - restingSince[restingFirst] < quarantineNanos) {
            return 0;
        }
        int number = restingNumbers[restingFirst];
        restingFirst = (restingFirst + 1) % restingNumbers.length;
        restingCount--;
        return number;
    }

    private int fresh() {
        while (freshLeft > 0) {
            int number = generated * MULTIPLIER + INCREMENT & NUMBER_SPACE - 1;
            boolean usable = number >= 1 && number <= MAX_NUMBER;
            if (usable) {
                makePage(number >>> PAGE_BITS); // before the number counts as given out
            }
            generated = number;
            freshLeft--;
            if (usable) {
                return number;
            }
        }
        return 0;
    }

    private void makePage(int index) {
        if (pages.get(index) == null) {
            pages.set(index, new AtomicReferenceArray<>(PAGE_SIZE));
        }
    }

    /// Sees to it that one more number than those in use and resting can rest.
    private void makeRoomToRest() {
        int length = restingNumbers.length;
        if (inUse + restingCount < length) {
            return;
        }
        int[] numbers = new int[length * 2];
        long[] since = new long[length * 2];
        for (int i = 0; i < restingCount; i++) {
            int from = (restingFirst + i) % length;
            numbers[i] = restingNumbers[from];
            since[i] = restingSince[from];
        }
        restingNumbers = numbers;
        restingSince = since;
        restingFirst = 0;
    }
}
