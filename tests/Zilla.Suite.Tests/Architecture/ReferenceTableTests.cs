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

    /// <summary>Whatever follows plans says what it measures to the collectors that they name.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Service_WithPlans_FollowsTheirCollectors(string project)
    {
        var program = Path.Combine(Repository.Root, project, "Program.cs");
        var hasPlans = project == "Zilla.Control" || ReferencedProjects(project).Intersect(["Zilla.Edge", "Zilla.Config"]).Any();
        Assert.Equal(hasPlans && File.Exists(program), File.Exists(program) && File.ReadAllText(program).Contains("AddOtlpFollower", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names() => Directory.GetDirectories(Repository.Root, "Zilla.*").Select(Path.GetFileName).Where(HasProject).OfType<string>();

    private static bool HasProject(string? name) => File.Exists(Path.Combine(Repository.Root, name!, $"{name}.csproj"));

    private static IEnumerable<string> ReferencedProjects(string project) => Elements(project, "ProjectReference")
        .SelectMany(reference => Include(reference) is ['@', '(', .. var list, ')'] ? Elements(project, list).Where(item => Include(item) != "") : [reference])
        .Where(reference => !IsBuiltOnly(project, reference))
        .Select(reference => Path.GetFileNameWithoutExtension(Include(reference)));

    /// <summary>A reference that only has another project built first, without its assembly, is orchestration, not coupling.</summary>
    private static bool IsBuiltOnly(string project, XElement reference) =>
        (string?)reference.Attribute("ReferenceOutputAssembly") == "false"
        || Elements(project, reference.Name.LocalName).Any(item => item.Parent!.Name == "ItemDefinitionGroup" && (string?)item.Element("ReferenceOutputAssembly") == "false");

    private static string Include(XElement item) => (string?)item.Attribute("Include") ?? "";

    private static IEnumerable<string> Packages(string project) => Elements(project, "PackageReference").Select(Include);

    private static IEnumerable<XElement> Elements(string project, string name) =>
        XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj")).Descendants(name);
}
