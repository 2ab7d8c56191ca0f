using System.Reflection;

namespace Zilla.Bootstrap;

/// <summary>A package of the ordinary index that the repository references, directly or through another.</summary>
internal sealed record WantedPackage(string Id, string Version, string License);

/// <summary>A package of the npm registry, held to one content.</summary>
/// <param name="Sha512">Lower-case hexadecimal SHA-512 of the tarball.</param>
internal sealed record NpmPackage(string Name, string Version, string Sha512);

/// <summary>What <c>Pins.props</c> says, carried in this assembly's metadata so that there is one place to change it.</summary>
/// <param name="Key">Names the marker of finished work, without what depends on the machine.</param>
/// <param name="Folder">This project's folder: package sources are looked up from there, as for the rest of the repository.</param>
internal sealed record Pins(string Key, string Folder, NpmPackage AspireCli, NpmPackage KafkaJavaScript, WantedPackage Librdkafka, IReadOnlyList<WantedPackage> FromDashboard)
{
    public static Pins OfThisBuild { get; } = Read(typeof(Pins).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToLookup(a => a.Key, a => a.Value ?? ""));

    public IEnumerable<WantedPackage> Wanted => FromDashboard.Append(Librdkafka);

    private static Pins Read(ILookup<string, string> metadata)
    {
        string One(string key) => metadata[key].Single();
        return new(
            One("Key"),
            One("Folder"),
            new("@microsoft/aspire-cli-linux-x64", One("AspireBundleVersion"), One("AspireBundleSha512")),
            new("@confluentinc/kafka-javascript", One("KafkaJavaScriptVersion"), One("KafkaJavaScriptSha512")),
            new("librdkafka.redist", One("LibrdkafkaVersion"), "BSD-2-Clause"),
            [.. One("FeedPackages").Split('|').Select(line => line.Split('/')).Select(part => new WantedPackage(part[0], part[1], part[2]))]);
    }
}
