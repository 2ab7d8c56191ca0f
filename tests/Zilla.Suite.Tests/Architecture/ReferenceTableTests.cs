using System.Xml.Linq;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Architecture;

/// <summary>Who may reference whom: the table that keeps the suite's boundaries where they are.</summary>
public sealed class ReferenceTableTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Zilla.AppHost"] = [],
        ["Zilla.ServiceDefaults"] = [],
        ["Zilla.Streams"] = [],
        ["Zilla.Config"] = [],
        ["Zilla.Edge"] = ["Zilla.Streams", "Zilla.Config"],
        ["Zilla.EdgeHttp"] = ["Zilla.Edge", "Zilla.ServiceDefaults"],
        ["Zilla.EdgeMqtt"] = ["Zilla.Edge", "Zilla.ServiceDefaults"],
        ["Zilla.EdgeGrpc"] = ["Zilla.Edge", "Zilla.ServiceDefaults"],
        ["Zilla.KafkaCache"] = ["Zilla.Streams", "Zilla.Config", "Zilla.ServiceDefaults"],
        ["Zilla.Control"] = ["Zilla.Config", "Zilla.ServiceDefaults"],
        ["Zilla.DevKafka"] = ["Zilla.ServiceDefaults"],
    };

    public static TheoryData<string> Projects => [.. Names()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_OnlyWhatTheTableAllows(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is not in the table: say what it may reference");
        Assert.Empty(ReferencedProjects(project).Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void KafkaClient_IsReferencedBy_KafkaCacheOnly(string project) =>
        Assert.Equal(project == "Zilla.KafkaCache", Packages(project).Any(p => p.Contains("Kafka", StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Table_NamesEveryProject() => Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Names().Order(StringComparer.Ordinal));

    private static IEnumerable<string> Names() => Directory.GetDirectories(Repository.Root, "Zilla.*").Select(Path.GetFileName).Where(HasProject).OfType<string>();

    private static bool HasProject(string? name) => File.Exists(Path.Combine(Repository.Root, name!, $"{name}.csproj"));

    /// <summary>References to build another project first, without its assembly, are orchestration, not coupling.</summary>
    private static IEnumerable<string> ReferencedProjects(string project) => Elements(project, "ProjectReference")
        .Where(e => (string?)e.Attribute("ReferenceOutputAssembly") != "false")
        .Select(e => Path.GetFileNameWithoutExtension((string)e.Attribute("Include")!));

    private static IEnumerable<string> Packages(string project) => Elements(project, "PackageReference").Select(e => (string)e.Attribute("Include")!);

    private static IEnumerable<XElement> Elements(string project, string name) =>
        XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj")).Descendants(name);
}
