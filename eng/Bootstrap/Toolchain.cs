namespace Zilla.Bootstrap;

/// <summary>Something that must be installed on the machine, and the Debian package that brings it.</summary>
internal sealed record Requirement(string Name, string DebianPackage)
{
    public string Verb => Name.EndsWith('s') ? "are" : "is";
}

/// <summary>Which of the programs and headers that the bootstrap can use are there.</summary>
internal sealed class Toolchain
{
    public static readonly Requirement Npm = new("npm", "npm");
    public static readonly Requirement Gcc = new("gcc", "gcc");
    public static readonly Requirement Make = new("make", "make");
    public static readonly Requirement LibcHeaders = new("the C library's headers", "libc6-dev");
    public static readonly Requirement OpenSslHeaders = new("OpenSSL's headers", "libssl-dev");
    public static readonly Requirement ZlibHeaders = new("zlib's headers", "zlib1g-dev");

    /// <summary>What fetching needs, and what compiling librdkafka needs on top of it.</summary>
    public static readonly IReadOnlyList<Requirement> Fetching = [Npm];
    public static readonly IReadOnlyList<Requirement> Compiling = [Npm, Gcc, Make, LibcHeaders, OpenSslHeaders, ZlibHeaders];

    private readonly HashSet<Requirement> _missing;

    public Toolchain(IEnumerable<Requirement> missing) => _missing = [.. missing];

    public bool Has(Requirement requirement) => !_missing.Contains(requirement);

    /// <summary>Refuses with one line for each that is missing.</summary>
    public void Require(IEnumerable<Requirement> requirements)
    {
        string[] lines = [.. requirements.Where(_missing.Contains).Select(r => $"{r.Name} {r.Verb} missing (Debian package: {r.DebianPackage})")];
        if (lines.Length > 0)
        {
            throw new RefusalException(lines);
        }
    }

    public static async Task<Toolchain> InspectAsync(string searchPath, CancellationToken cancellation)
    {
        List<Requirement> missing = [.. new[] { Npm, Gcc, Make }.Where(tool => Tool.Find(tool.Name, searchPath) is null)];
        // Only a compiler knows where headers lie. Without one they cannot be looked for, and are not said to be missing.
        if (Tool.Find(Gcc.Name, searchPath) is { } gcc)
        {
            foreach (var (header, requirement) in new[] { ("stdlib.h", LibcHeaders), ("openssl/ssl.h", OpenSslHeaders), ("zlib.h", ZlibHeaders) })
            {
                var preprocessed = await Tool.RunAsync(Path.GetTempPath(), gcc, ["-E", "-o", "/dev/null", "-"], cancellation, input: $"#include <{header}>\n");
                if (preprocessed.ExitCode != 0)
                {
                    missing.Add(requirement);
                    if (requirement == LibcHeaders)
                    {
                        break;
                    }
                }
            }
        }

        return new(missing);
    }
}
