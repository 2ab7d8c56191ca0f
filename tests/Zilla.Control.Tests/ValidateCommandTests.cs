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
