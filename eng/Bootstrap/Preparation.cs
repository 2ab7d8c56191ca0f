using System.Runtime.InteropServices;

namespace Zilla.Bootstrap;

/// <summary>The whole story: ask the index, fetch what brings the rest, make only what is lacking, and leave a marker so that the next build need not ask.</summary>
/// <param name="source">A single package source to ask in place of the inherited ones.</param>
internal sealed class Preparation(Pins pins, CacheFolder cache, Report report, string? source = null)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var key = Zstd.Installed ? $"{pins.Key}-zstd" : pins.Key;
        var bundle = new AspireBundle(pins.AspireCli, cache, report);
        if (File.Exists(cache.Marker(key)) && (bundle.Exists || !Supported))
        {
            report.Say($"{cache.Root} is ready");
            return;
        }

        if (!Supported)
        {
            report.Say("only for linux-x64 are packages made here: the package index is expected to have them all; there will be no dashboard");
            cache.Publish(cache.Marker(key), []);
            return;
        }

        report.Say($"preparing {cache.Root}, once for all clones");
        var lacking = await new IndexProbe(pins, cache, report, source).LackingAsync(cancellation);
        var native = new NativeLibrary(pins, cache, report);
        var (compiles, unpacks) = (lacking.Contains(pins.Librdkafka), lacking.Any(p => p != pins.Librdkafka));
        var tools = await Toolchain.InspectAsync(Tool.SearchPath, cancellation);
        tools.Require(compiles && !native.Exists ? Toolchain.Compiling : unpacks && !bundle.Exists ? Toolchain.Fetching : []);

        // Without npm the suite still builds and runs; the marker stays away, so that a later build looks again.
        var dashboard = bundle.Exists || tools.Has(Toolchain.Npm);
        if (dashboard)
        {
            await bundle.EnsureAsync(cancellation);
        }
        else
        {
            report.Say("npm is missing (Debian package: npm): there will be no dashboard; everything else builds and runs");
        }

        new PackageFeed(pins, cache, report).Make(lacking, bundle);
        if (compiles)
        {
            await native.EnsureAsync(cancellation);
        }

        if (dashboard)
        {
            cache.Publish(cache.Marker(key), []);
            report.Say("ready");
        }
    }

    private static bool Supported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
}
