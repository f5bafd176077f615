package tofu.bench;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import tofu.api.Options;

/// A program that measures a [Pair], and prints what it has found. Its exit code is 0; 1 if it
/// failed, 2 if the arguments make no sense.
abstract class PairProgram implements Callable<Integer> {
    /// Where the figures go.
    final PrintStream out;

    @Parameters(index = "0", paramLabel = "TRANSPORT", description = "tcp, uds or tls.")
    private Pair.Transport transport = Pair.Transport.TCP;

    PairProgram(PrintStream out) {
        this.out = out;
    }

    /// Understands arguments, and does what they say.
    CommandLine commandLine() {
        CommandLine line = new CommandLine(this).setCaseInsensitiveEnumValuesAllowed(true);
        line.getCommandSpec()
                .addOption(
                        OptionSpec.builder("--help")
                                .usageHelp(true)
                                .description("Says this, and measures nothing.")
                                .build());
        return line;
    }

    /// Starts the two engines.
    Pair pair() throws InterruptedException {
        return new Pair(transport, Options.defaults());
    }

    /// Measures.
    abstract void measure() throws InterruptedException;

    @Override
    public Integer call() throws InterruptedException {
        measure();
        return 0;
    }
}
