package tofu.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/// Where a command prints: lines for who reads them or pipes them on, and on a terminal one live
/// line below them, which is drawn anew.
///
/// All text is UTF-8, whatever the locale. If the standard output is a terminal, of any kind, what
/// a peer has sent is printed through [Escapes], so that it cannot draw by itself, wherever the
/// input comes from. Live lines and colours are for who looks and types; colours are off with
/// `NO_COLOR`.
///
/// Threads: any; a line is never cut by another.
/// Errors: an [UncheckedIOException] if the output is gone, as of a closed pipe.
public final class Terminal {
    /// A colour that can be read on light and dark.
    public enum Colour {
        /// For who connected.
        CYAN("36"),
        /// For who was connected to.
        MAGENTA("35"),
        /// For what is not as it should be.
        RED("31"),
        /// For what matters less.
        DIM("2");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    /// Says whether the standard output is a terminal; set by the script that starts this, as Java
    /// can only tell whether both input and output are one.
    private static final String SHOWN = "tofu.cli.shown";

    private static final String ERASE_LINE = "\r\u001b[K";

    private static final String CLEAR = "\u001b[H\u001b[J";

    /// What fits on the narrowest terminal that one may meet; longer live lines would wrap.
    private static final int LIVE_COLUMNS = 79;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean shown;
    private final boolean interactive;
    private final boolean coloured;
    private String live = "";

    private Terminal(boolean shown, boolean interactive, boolean coloured) {
        this.out = stream(FileDescriptor.out);
        this.err = stream(FileDescriptor.err);
        this.shown = shown;
        this.interactive = interactive;
        this.coloured = coloured;
    }

    /// The one of this process.
    ///
    /// @return a terminal if standard input and output are one
    static Terminal ofProcess() {
        boolean terminal = isTerminal();
        boolean shown = terminal || Boolean.getBoolean(SHOWN);
        boolean interactive = terminal && !"dumb".equals(System.getenv("TERM"));
        return new Terminal(shown, interactive, interactive && Ansi.AUTO.enabled());
    }

    /// JDK 25 has no console where there is no terminal; those from 22 to 24 had one that says so.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    /// The standard output, for who writes bytes. Not together with live lines.
    ///
    /// @return the stream
    public PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /// A text of a peer, as it may be printed: through [Escapes] if the standard output is a
    /// terminal, else as it is.
    ///
    /// @param text any text
    /// @return what to print
    String ofPeer(String text) {
        return shown ? Escapes.plain(text) : text;
    }

    /// Prints a line to the standard output.
    ///
    /// @param line without line feed
    public synchronized void println(String line) {
        erase();
        out.print(line + "\n");
        draw();
        flush();
    }

    /// Prints a line to the standard error.
    ///
    /// @param line without line feed
    public synchronized void say(String line) {
        erase();
        flush();
        err.print(line + "\n");
        err.flush();
        draw();
        flush();
    }

    /// Draws the live line anew, on a terminal only.
    ///
    /// @param line what it says from now on; empty: nothing
    public synchronized void live(String line) {
        if (interactive) {
            erase();
            live = line.length() > LIVE_COLUMNS ? line.substring(0, LIVE_COLUMNS) : line;
            draw();
            flush();
        }
    }

    /// Shows a page in place of the one before; where there is no terminal, below it.
    ///
    /// @param lines the page, without line feeds
    public synchronized void screen(List<String> lines) {
        String page = String.join("\n", lines) + "\n";
        out.print(interactive ? CLEAR + page : page + "\n");
        flush();
    }

    private void erase() {
        if (!live.isEmpty()) {
            out.print(ERASE_LINE);
        }
    }

    private void draw() {
        if (!live.isEmpty()) {
            out.print(live);
        }
    }

    /// Hands over what was printed.
    public void flush() {
        if (out.checkError()) {
            String message = "cannot write to standard output";
            throw new UncheckedIOException(message, new IOException(message));
        }
    }

    /// Colours a text, if colours are wanted.
    ///
    /// @param colour the colour
    /// @param text the text
    /// @return the text, between escape sequences or as it is
    public String in(Colour colour, String text) {
        return coloured ? "\u001b[" + colour.code + "m" + text + "\u001b[0m" : text;
    }
}
