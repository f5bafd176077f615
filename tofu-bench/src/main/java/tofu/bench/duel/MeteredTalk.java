package tofu.bench.duel;

/// The talk of a side that is measured.
record MeteredTalk(Meter meter, Payload payload) implements Talk {
    MeteredTalk(Task task, Meter meter) {
        this(meter, new Payload(task.size()));
    }

    @Override
    public void received(long sequence, int length) {
        meter.received(sequence, length);
    }

    @Override
    public byte[] next(long sequence) {
        return payload.with(meter.next(Payload.lane(sequence)));
    }

    /// The payload of the next message on a channel.
    byte[] first(int lane) {
        return payload.with(meter.next(lane));
    }
}
