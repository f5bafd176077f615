package tofu.engine;

import tofu.api.Statistics;
import tofu.engine.channel.Tally;
import tofu.engine.channel.Tally.Figure;

/// The messages and the stalls of one channel, or of several, as their application sees them.
///
/// Threads: any.
///
/// @param tally nobody's to change any more
record ChannelSums(Tally tally) implements Statistics.Traffic, Statistics.Stalls {
    /// How often and how long.
    private record Times(long count, long nanos) implements Statistics.Stall {}

    ChannelSums since(ChannelSums earlier) {
        return new ChannelSums(tally.since(earlier.tally));
    }

    @Override
    public long enqueuedMessages() {
        return tally.get(Figure.ENQUEUED_MESSAGES);
    }

    @Override
    public long enqueuedBytes() {
        return tally.get(Figure.ENQUEUED_BYTES);
    }

    @Override
    public long sentMessages() {
        return tally.get(Figure.SENT_MESSAGES);
    }

    @Override
    public long sentBytes() {
        return tally.get(Figure.SENT_BYTES);
    }

    @Override
    public long returnedMessages() {
        return tally.get(Figure.RETURNED_MESSAGES);
    }

    @Override
    public long returnedBytes() {
        return tally.get(Figure.RETURNED_BYTES);
    }

    @Override
    public long queuedMessages() {
        return tally.get(Figure.QUEUED_MESSAGES);
    }

    @Override
    public long queuedBytes() {
        return tally.get(Figure.QUEUED_BYTES);
    }

    @Override
    public long mostQueuedMessages() {
        return tally.get(Figure.MOST_QUEUED_MESSAGES);
    }

    @Override
    public long mostQueuedBytes() {
        return tally.get(Figure.MOST_QUEUED_BYTES);
    }

    @Override
    public long receivedMessages() {
        return tally.get(Figure.RECEIVED_MESSAGES);
    }

    @Override
    public long receivedBytes() {
        return tally.get(Figure.RECEIVED_BYTES);
    }

    @Override
    public long untakenMessages() {
        return tally.get(Figure.UNTAKEN_MESSAGES);
    }

    @Override
    public long untakenBytes() {
        return tally.get(Figure.UNTAKEN_BYTES);
    }

    private Statistics.Stall times(Figure count, Figure nanos) {
        return new Times(tally.get(count), tally.get(nanos));
    }

    @Override
    public Statistics.Stall sendQueueFull() {
        return times(Figure.SEND_QUEUE_FULL, Figure.SEND_QUEUE_FULL_NANOS);
    }

    @Override
    public Statistics.Stall receiveWindowClosed() {
        return times(Figure.RECEIVE_WINDOW_CLOSED, Figure.RECEIVE_WINDOW_CLOSED_NANOS);
    }

    @Override
    public Statistics.Stall poolEmpty() {
        return times(Figure.POOL_EMPTY, Figure.POOL_EMPTY_NANOS);
    }

    @Override
    public Statistics.Stall writeBlocked() {
        return times(Figure.WRITE_BLOCKED, Figure.WRITE_BLOCKED_NANOS);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Figure figure : Figure.values()) {
            text.append(text.isEmpty() ? "" : ", ").append(figure).append('=');
            text.append(tally.get(figure));
        }
        return text.toString();
    }
}
