package tofu.pool;

/// Makes slots that belong to no pool, cheap enough for one state of a stress test each, and reads
/// what came out of a chain.
///
/// Threads: any.
public final class LooseSlots {
    private LooseSlots() {}

    /// A slot with an empty message of this id, that nobody can give back.
    ///
    /// @param id the message's id
    /// @param owner the slot's owner
    /// @return the slot
    public static Slot make(long id, Slot.Owner owner) {
        return make(0, id, owner);
    }

    @SuppressWarnings("NullAway") // no slab: these slots never go home, and have a header only
    static Slot make(int index, long id, Slot.Owner owner) {
        Slot slot = new Slot(null, index, 0);
        slot.id(id);
        return owner == Slot.Owner.FREE ? slot : slot.handOver(Slot.Owner.FREE, owner);
    }

    /// Takes all slots out of a chain.
    ///
    /// @param chain the chain, empty afterwards
    /// @return their ids in the order of the chain, "-" if there is none
    public static String ids(MailChain chain) {
        StringBuilder ids = new StringBuilder();
        for (Mail mail = chain.pollFirst(); mail != null; mail = chain.pollFirst()) {
            ids.append(((Slot) mail).id());
        }
        return ids.isEmpty() ? "-" : ids.toString();
    }
}
