using System.Globalization;
using System.Runtime.InteropServices;
using Native = System.Runtime.InteropServices.NativeLibrary;

namespace Zilla.Bootstrap;

/// <summary>librdkafka, compiled from the sources inside its makers' own npm package, and packaged as the Kafka client expects it.</summary>
internal sealed class NativeLibrary(Pins pins, CacheFolder cache, Report report)
{
    private const string Sources = "package/deps/librdkafka/";

    private readonly string _name = $"librdkafka {pins.Librdkafka.Version}";

    private string Folder { get; } = Path.Combine(cache.Native, $"librdkafka-{pins.Librdkafka.Version}{(Zstd.Installed ? "-zstd" : "")}");

    private string Library => Path.Combine(Folder, "librdkafka.so");

    /// <summary>Whether it was compiled before, with zstd if zstd is there.</summary>
    public bool Exists => File.Exists(Library);

    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (!Exists)
        {
            await BuildAsync(cancellation);
        }

        var nupkg = new Nupkg(pins.Librdkafka, $"{_name}, built from its sources for linux-x64{(Zstd.Installed ? "" : ", without zstd")}.") { Frameworks = [".NETStandard2.0", "net8.0"] };
        nupkg.Add("runtimes/linux-x64/native/librdkafka.so", await File.ReadAllBytesAsync(Library, cancellation));
        nupkg.Add("LICENSES.txt", await File.ReadAllBytesAsync(Path.Combine(Folder, "LICENSES.txt"), cancellation));
        var (path, bytes) = (Path.Combine(cache.Feed, nupkg.FileName), nupkg.ToBytes());
        if (File.Exists(path) && (await File.ReadAllBytesAsync(path, cancellation)).AsSpan().SequenceEqual(bytes))
        {
            return;
        }

        cache.Publish(path, bytes);
        // A restore would go on using what it unpacked from the package's former content.
        new GlobalPackages(cache).Forget(pins.Librdkafka);
    }

    private async Task BuildAsync(CancellationToken cancellation)
    {
        var tarball = new NpmTarball(pins.KafkaJavaScript, cache, report);
        var path = await tarball.EnsureAsync($"the sources of {_name}, 3 MB", cancellation);
        var folder = cache.Scratch();
        await using (var stream = File.OpenRead(path))
        {
            Tarball.Unpack(stream, folder, name => name.StartsWith(Sources, StringComparison.Ordinal) ? name[Sources.Length..] : null, cancellation);
        }

        if (!Zstd.Installed)
        {
            report.Say($"{_name} is built without zstd, as its header is missing (Debian package: libzstd-dev; installed later, it leads to a new build)");
        }

        // lz4 and snappy are part of the sources; Kerberos and curl are for ways to log in that the suite does not offer.
        var zstd = Zstd.Installed ? "--enable-zstd" : "--disable-zstd";
        await StepAsync("configuring", folder, "bash", ["configure", "--disable-gssapi", "--disable-curl", "--disable-lz4-ext", zstd], cancellation);
        await CompileAsync(folder, cancellation);
        var built = Path.Combine(folder, "src", "librdkafka.so.1");
        await StepAsync("stripping", folder, "strip", ["--strip-unneeded", built], cancellation);
        Check(built);

        var draft = cache.Scratch();
        File.Move(built, Path.Combine(draft, "librdkafka.so"));
        File.Move(Path.Combine(folder, "LICENSES.txt"), Path.Combine(draft, "LICENSES.txt"));
        cache.PublishFolder(draft, Folder);
        tarball.Discard();
    }

    private async Task CompileAsync(string folder, CancellationToken cancellation)
    {
        string[] target = ["-C", "src", "librdkafka.so.1"];
        var plan = await Tool.RunAsync(folder, "make", ["-n", .. target], cancellation);
        var (all, done) = (Math.Max(1, plan.Lines.Count(IsCompilation)), 0);
        await StepAsync(
            "compiling",
            folder,
            "make",
            [$"-j{Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)}", .. target],
            cancellation,
            line => _ = IsCompilation(line) ? Interlocked.Increment(ref done) : 0,
            () => $"{Math.Min(99, Volatile.Read(ref done) * 100 / all)} %, ");
    }

    private async Task StepAsync(
        string what, string folder, string program, IEnumerable<string> arguments, CancellationToken cancellation, Action<string>? onLine = null, Func<string>? detail = null)
    {
        var result = await report.WatchAsync($"{what} {_name}", Tool.RunAsync(folder, program, arguments, cancellation, onLine), detail);
        if (result.ExitCode != 0)
        {
            throw new RefusalException($"{what} {_name} failed: {result.Tail}");
        }
    }

    // The first thing a compiler line does is to name its object file.
    private static bool IsCompilation(string line) => line.Contains(" -c ", StringComparison.Ordinal);

    private void Check(string library)
    {
        try
        {
            var handle = Native.Load(library);
            var version = Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<VersionText>(Native.GetExport(handle, "rd_kafka_version_str"))());
            if (version != pins.Librdkafka.Version)
            {
                throw new RefusalException($"{_name} came out as version {version}");
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new RefusalException($"{_name} was built but cannot be loaded: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate IntPtr VersionText();
}
