package tofu.tests.sim;

import java.util.List;
import java.util.stream.Stream;

/// A bug to plant: a piece of one source file, and what stands there instead.
///
/// @param name what the bug is
/// @param file path below the root of the project
/// @param original occurs once in the file
/// @param replacement what is written in its place
record Mutant(String name, String file, String original, String replacement) {
    private static final String POOL = "tofu-pool/src/main/java/tofu/pool/";
    private static final String ENGINE = "tofu-engine/src/main/java/tofu/engine/";
    private static final String CHANNEL = ENGINE + "channel/";
    private static final String LINK = ENGINE + "link/";
    private static final String LOOP = ENGINE + "loop/";
    private static final String NET = ENGINE + "net/";

    /// All of them.
    static Mutant[] all() {
        return Stream.of(
                        ofChannels(),
                        ofSending(),
                        ofReceiving(),
                        ofEngine(),
                        ofRoomAndMemory(),
                        ofTls())
                .flatMap(List::stream)
                .toArray(Mutant[]::new);
    }

    private static List<Mutant> ofChannels() {
        return List.of(
                new Mutant(
                        "a channel number is reused in its quarantine",
                        ENGINE + "ChannelTable.java",
                        "restingSince[restingFirst] < quarantineNanos",
                        "restingSince[restingFirst] < quarantineNanos / 2"),
                new Mutant(
                        "a closed window is not opened again",
                        CHANNEL + "ReceiveWindow.java",
                        "held = false;\n            try {\n                outlet.schedule();",
                        "held = false;\n            try {\n                outlet.backlog();"),
                new Mutant(
                        "crossing byes wait for each other",
                        CHANNEL + "Ending.java",
                        "case WE_ASKED -> request ? BOTH_ASKED :",
                        "case WE_ASKED -> request ? AWAITING_END :"),
                new Mutant(
                        "a frame's deadline is forgotten",
                        CHANNEL + "Deadlines.java",
                        "return DeadlineName.FRAME;",
                        "frameDeadline = Deadline.NONE;"));
    }

    private static List<Mutant> ofSending() {
        return List.of(
                new Mutant(
                        "large messages overtake small ones",
                        CHANNEL + "SendQueue.java",
                        "log = HeaderLayout.outOfBand(first) ? outOfBand : inOrder",
                        "log = slot.frameLength() > 4_000 ? outOfBand : inOrder"),
                new Mutant(
                        "nobody is told that the send queue has room",
                        CHANNEL + "SendQueue.java",
                        "tell = refused;\n            refused = false;",
                        "tell = false;\n            refused = false;"),
                new Mutant(
                        "what was not sent does not come back",
                        CHANNEL + "Outflow.java",
                        "rest = queue.takeRest(reason)) {\n            outlet.deliver(rest);",
                        "rest = queue.takeRest(reason)) {\n            rest.discard();"),
                new Mutant(
                        "a frame counts as sent one byte too early",
                        CHANNEL + "SendLog.java",
                        "while (length <= sent - at) {",
                        "while (length <= sent - at + 1) {"),
                new Mutant(
                        "an out-of-band message overtakes the hello",
                        CHANNEL + "SendQueue.java",
                        "(inOrder.isInFrame() || hello);",
                        "inOrder.isInFrame();"),
                new Mutant(
                        "what is out of band is forgotten when a channel ends",
                        CHANNEL + "SendQueue.java",
                        "takeRest(outOfBand.isEmpty() ? inOrder : outOfBand, reason)",
                        "takeRest(inOrder, reason)"),
                new Mutant(
                        "what comes back in its slot is not counted",
                        CHANNEL + "Outflow.java",
                        "        queue.returned(slot.frameLength());",
                        ""),
                new Mutant(
                        "a channel that has ended is in no total",
                        LINK + "Totals.java",
                        "channel.addTo(engine.ended, nowNanos);",
                        ""),
                new Mutant(
                        "what is behind a bye that was out of band does not come back",
                        CHANNEL + "Outflow.java",
                        "if (rest != null) {\n            outlet.deliver(rest);",
                        "if (rest != null) {\n            rest.discard();"),
                new Mutant(
                        "a chunk goes back while a part of it is to be sent",
                        CHANNEL + "SendLog.java",
                        "if (chunk != null && sent == chunk.filled()) {",
                        "if (chunk != null && sent >= chunk.filled() - 16) {"),
                new Mutant(
                        "a frame counts twice that is sent in two parts",
                        CHANNEL + "SendLog.java",
                        "justEndedFrames += frames - endedFrames;",
                        "justEndedFrames += frames;"));
    }

    private static List<Mutant> ofReceiving() {
        return List.of(
                new Mutant(
                        "a chunk is dropped when a channel ends in the middle of a frame",
                        CHANNEL + "FrameReader.java",
                        "checked = false;\n        if (own != null) {\n            own.release();",
                        "checked = false;\n        if (own != null) {"),
                new Mutant(
                        "a header that came in pieces is not looked at",
                        CHANNEL + "FrameReader.java",
                        "if (!checked && filled >= HeaderLayout.LENGTH) {",
                        "if (!checked && filled > HeaderLayout.LENGTH) {"),
                new Mutant(
                        "frames keep a chunk that another connection reads into",
                        CHANNEL + "ReadMemory.java",
                        "chunk = null;\n        read.filled(bytes);",
                        "read.filled(bytes);"),
                new Mutant(
                        "what came together is credited twice",
                        POOL + "FrameRange.java",
                        "told.takenOfMany(length);",
                        "told.takenOfMany(length);\n            told.takenOfMany(length);"),
                new Mutant(
                        "the last message of a range is lost",
                        POOL + "FrameRange.java",
                        "return from == null || (position == from.filled()",
                        "return from == null || (position + 80 >= from.filled()"),
                new Mutant(
                        "the memory of what was taken is not given back",
                        ENGINE + "Inbox.java",
                        "pollBatch();\n            range.release();",
                        "batch.pollFirst();"),
                new Mutant(
                        "what moves to a smaller chunk stays in the larger one, too",
                        POOL + "FrameRange.java",
                        "chunk = smaller;\n        position = 0;\n        from.release();",
                        "chunk = smaller;\n        position = 0;"),
                new Mutant(
                        "whoever waits for memory to read into waits for ever",
                        LINK + "WaitingReaders.java",
                        "count > 0 && !waiting.isEmpty(); count--",
                        "count > 1 && !waiting.isEmpty(); count--"),
                new Mutant(
                        "a frame that has begun does not get the reserve",
                        CHANNEL + "ReadMemory.java",
                        "return taken == null ? takeReserve() : taken;",
                        "return taken;"));
    }

    private static List<Mutant> ofEngine() {
        return List.of(
                new Mutant(
                        "a slot is put back twice",
                        POOL + "Turnstile.java",
                        "if (spilled < 0) {\n                sizeClass.giveBack(slot, slot);",
                        "if (spilled < 0) {\n                sizeClass.giveBack(slot, slot);\n"
                                + "                sizeClass.giveBack(slot, slot);"),
                new Mutant(
                        "a sleeping loop is not woken for a post",
                        LOOP + "Helm.java",
                        "endSleep.run();",
                        "endSleep.hashCode();"),
                new Mutant(
                        "whoever closes a group waits for a loop that has failed",
                        LINK + "Residents.java",
                        "closing.forEach(letGo);",
                        ""),
                new Mutant(
                        "an engine that fails does not tell its groups",
                        ENGINE + "Engine.java",
                        "return refuseGroups(Status.PROCESSING_FAILED) && done;",
                        "return done;"),
                new Mutant(
                        "deadlines are run before a look at what has come",
                        LOOP + "Reactor.java",
                        "look() + deadlines.runDue(now)",
                        "deadlines.runDue(now)"),
                new Mutant(
                        "an engine that cannot be opened leaves a net open",
                        ENGINE + "Engine.java",
                        "if (!done) {\n                net.close();",
                        "if (!done) {\n                net.changes();"),
                new Mutant(
                        "a listener that paused does not go on",
                        LINK + "ListenSocket.java",
                        "socket.interest(true);",
                        "socket.interest(false);"),
                new Mutant(
                        "a lookup that nobody waits for any more is not given up",
                        LINK + "NameLookup.java",
                        "question.withdraw();\n            question = null;",
                        "question = null;"),
                new Mutant(
                        "the numbers of channels that a closed group was not told of are lost",
                        ENGINE + "Inbox.java",
                        "batch.discardAll();",
                        "batch.pollFirst();"));
    }

    private static List<Mutant> ofRoomAndMemory() {
        return List.of(
                new Mutant(
                        "whoever waits for room does not try once more when his time is over",
                        ENGINE + "Intake.java",
                        "= offer(queue, slot, opCode, left > 0);",
                        "= left > 0 ? offer(queue, slot, opCode, true)"
                                + " : SendQueue.Outcome.FULL;"),
                new Mutant(
                        "whoever waits for room and is woken waits for as long again",
                        ENGINE + "Intake.java",
                        "clock.park(queue, left);",
                        "clock.park(queue, nanos);"),
                new Mutant(
                        "whoever has waited for room in vain is not told when there is some",
                        ENGINE + "Intake.java",
                        "= offer(queue, slot, opCode, left > 0);",
                        "= offer(queue, slot, opCode, true);"),
                new Mutant(
                        "memory that was given back to the system counts for ever",
                        POOL + "Slabs.java",
                        "addSlots(-freed);\n"
                                + "            addBytes(-(long) freed * classes[i].stride());",
                        "addSlots(-freed);"),
                new Mutant(
                        "a loop that waits for memory is not told that there is some",
                        POOL + "Refill.java",
                        "listeners.forEach(Runnable::run);",
                        "listeners.size();"));
    }

    private static List<Mutant> ofTls() {
        return List.of(
                new Mutant(
                        "encrypted bytes that the system does not take are lost",
                        NET + "TlsOutput.java",
                        "waiting = target;\n            buffers.keepOutput();",
                        ""),
                new Mutant(
                        "nobody is told of decrypted bytes that are left",
                        NET + "TlsInput.java",
                        "return plain != null || ended",
                        "return ended"),
                new Mutant(
                        "what a closed stream has still to send is dropped",
                        NET + "TlsClosing.java",
                        "if (output.isWaiting() || (!isPeersEnd() && awaited)) {",
                        "if (!output.isWaiting() && !isPeersEnd() && awaited) {"),
                new Mutant(
                        "a buffer is given back while it waits to be sent",
                        NET + "TlsOutput.java",
                        "waiting = target;\n            buffers.keepOutput();",
                        "waiting = target;"));
    }

    /// Whether it takes TLS to find it.
    World.Wires wires() {
        return file.startsWith(NET + "Tls") ? World.Wires.SOME_SECURE : World.Wires.PLAIN;
    }

    /// The file's text with the bug in it.
    String in(String source) {
        int at = source.indexOf(original);
        if (at < 0 || source.indexOf(original, at + 1) >= 0) {
            throw new IllegalStateException(file + " does not have exactly one place for: " + name);
        }
        return source.substring(0, at) + replacement + source.substring(at + original.length());
    }

    @Override
    public String toString() {
        return name;
    }
}
