using System.Text.Json;
using Zilla.Control.Commands;
using Zilla.Testing;

namespace Zilla.Control.Tests;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-validate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_Quickstart_HasNoMistakes()
    {
        var file = Path.Combine(Repository.Root, "examples", "quickstart", "zilla.yaml");
        Assert.Equal((0, "", ""), Run("--env", "KAFKA_BOOTSTRAP_SERVER=localhost:9092", file));
        Assert.Equal((0, "[]\n", ""), Run("--json", "--env", "KAFKA_BOOTSTRAP_SERVER=localhost:9092", file));
        Assert.Equal((1, $"{file}:{LineOf(file, "${{env.KAFKA_BOOTSTRAP_SERVER}}")}:11: the environment variable 'KAFKA_BOOTSTRAP_SERVER' is not set\n", ""), Run(file));
    }

    /// <summary>The command as docs/configuration.md has it: the path is from where the user is.</summary>
    [Fact]
    public async Task DotnetRun_FindsTheFile_FromTheUsersFolder()
    {
        var output = await ChildProcess.RunAsync("dotnet", ["msbuild", Path.Combine(Repository.Root, "Zilla.Control"), "-nologo", "-getProperty:RunWorkingDirectory"]);
        Assert.Equal("", output.Trim());
    }

    [Fact]
    public void Run_Mistakes_AreLinesOrJson()
    {
        var file = Write("name: test\nbindngs: {}\nguards: []\n");
        Assert.Equal((1, $"{file}:2:1: unknown key 'bindngs'; did you mean 'bindings'?\n{file}:3:9: expected a mapping, found a list\n", ""), Run(file));

        var (code, json, _) = Run("--json", file);
        Assert.Equal(1, code);
        var first = JsonDocument.Parse(json).RootElement[0];
        Assert.Equal((2, 1, "bindngs"), (first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32(), first.GetProperty("path").GetString()));
    }

    [Fact]
    public void Run_Json_FitsItsSchema()
    {
        var items = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "validate.schema.json"))).RootElement.GetProperty("items");
        var mistake = JsonDocument.Parse(Run("--json", Write("name: 1\nbindngs: {}\n")).Output).RootElement[0];

        Assert.Equal(items.GetProperty("properties").EnumerateObject().Select(property => property.Name), mistake.EnumerateObject().Select(member => member.Name));
        Assert.Equal(items.GetProperty("required").EnumerateArray().Select(name => name.GetString()), mistake.EnumerateObject().Select(member => member.Name));
        Assert.All(mistake.EnumerateObject(), member => Assert.Equal(
            items.GetProperty("properties").GetProperty(member.Name).GetProperty("type").GetString(), member.Value.ValueKind == JsonValueKind.Number ? "integer" : "string"));
    }

    [Fact]
    public void Run_TwelveMistakes_ReportsAllTwelve()
    {
        var (code, output, _) = Run(Write("""
            name: 2test
            guards:
              jwt0: {type: jwtt}
            vaults:
              keys: {type: filesystem, options: {keys: {store: a.p12, type: jks}}}
            telemetry:
              metrics: [http.durations]
            bindings:
              tcp0: {type: tcp, kind: server, options: {port: 70000, hst: localhost}, exit: tls0}
              tls0: {type: tls, kind: server, vault: key, options: {keys: [localhost]}, exit: http0}
              http0:
                type: http
                kind: server
                routes:
                  - exit: map9
                    when: [{headers: {':path': /a}}]
                  - exit: map0
              map0:
                type: http-kafka
                kind: proxy
                routes:
                  - exit: cache0
                    when: [{path: items}]
                    with: {capability: fetch, topic: 'a b', filters: [{key: '${params.id}'}]}
              cache0: {type: kafka, kind: cache_clients, exit: map0}
            """));

        Assert.Equal(1, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.LastIndexOf("zilla.yaml", StringComparison.Ordinal) + "zilla.yaml".Length)..]).ToList();
        string[] expected =
        [
            ":1:7: '2test' is no name",
            ":3:16: there is no guard type 'jwtt'; did you mean 'jwt'?",
            ":5:65: only stores of type pkcs12 are supported, found 'jks'",
            ":7:13: there is no metric 'http.durations'; did you mean 'http.duration'?",
            ":9:51: expected a port from 1 to 65535",
            ":9:58: unknown key 'hst'; did you mean 'host'?",
            ":10:42: no vault is named 'key'; did you mean 'keys'?",
            ":15:15: no binding is named 'map9'; did you mean 'map0'?",
            ":23:23: a path starts with '/', found 'items'",
            ":24:42: a topic name has at most 249",
            ":24:65: '${params.id}' is not bound by when[0]",
            ":25:31: 'cache_clients' is no kind of kafka binding",
        ];
        Assert.All(expected, mistake => Assert.Contains(lines, line => line.StartsWith(mistake, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, lines.Count(line => !line.EndsWith("is not supported yet", StringComparison.Ordinal)));
    }

    [Fact]
    public void Run_NoSuchFile_IsAMistake()
    {
        var (code, output, _) = Run(Path.Combine(_folder, "none.yaml"));
        Assert.Equal(1, code);
        Assert.Contains("none.yaml:1:1: cannot be read", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("a.yaml", "b.yaml")]
    [InlineData("--env", "NAME")]
    [InlineData("--env")]
    [InlineData("--yaml", "a.yaml")]
    public void Run_WrongArguments_ShowsTheUsage(params string[] args)
    {
        var (code, output, problems) = Run(args);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("usage: validate", problems, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "zilla.yaml");
        File.WriteAllText(file, text);
        return file;
    }

    private static int LineOf(string file, string text) => File.ReadLines(file).Index().First(line => line.Item.Contains(text, StringComparison.Ordinal)).Index + 1;

    private static (int Code, string Output, string Problems) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var problems = new StringWriter();
        var code = ValidateCommand.Run(args, _ => null, output, problems);
        return (code, output.ToString(), problems.ToString());
    }
}
