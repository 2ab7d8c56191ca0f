using System.Text.Json;
using Zilla.Config.Loading;
using Zilla.Control.Status;

namespace Zilla.Control.Commands;

/// <summary><c>validate [--json] [--env NAME=value]… &lt;file&gt;</c>: says everything that is wrong with a configuration, without running it.</summary>
internal static class ValidateCommand
{
    private const string Usage = "usage: validate [--json] [--env NAME=value]... <zilla.yaml>";

    /// <returns>0 = no mistakes, 1 = mistakes or no such file, 2 = wrong arguments.</returns>
    public static int Run(IReadOnlyList<string> args, Func<string, string?> environment, TextWriter output, TextWriter problems)
    {
        var json = false;
        string? file = null;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < args.Count; index++)
        {
            switch (args[index])
            {
                case "--json":
                    json = true;
                    break;
                case "--env" when index + 1 < args.Count && args[index + 1].IndexOf('=', StringComparison.Ordinal) is > 0 and var equals:
                    var variable = args[++index];
                    variables[variable[..equals]] = variable[(equals + 1)..];
                    break;
                case var argument when file is null && !argument.StartsWith('-'):
                    file = argument;
                    break;
                default:
                    problems.WriteLine(Usage);
                    return 2;
            }
        }

        if (file is null)
        {
            problems.WriteLine(Usage);
            return 2;
        }

        var errors = Validate(file, name => variables.TryGetValue(name, out var value) ? value : environment(name));
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(errors, StatusJson.Default.IReadOnlyListConfigurationError));
        }
        else
        {
            foreach (var error in errors)
            {
                output.WriteLine(FormattableString.Invariant($"{file}:{error.Line}:{error.Column}: {error.Message}"));
            }
        }

        return errors.Count == 0 ? 0 : 1;
    }

    private static IReadOnlyList<ConfigurationError> Validate(string file, Func<string, string?> environment)
    {
        try
        {
            return ConfigurationLoader.Load(File.ReadAllText(file), ConfigurationSource.File(file), environment).Errors;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [new ConfigurationError(1, 1, "", $"cannot be read: {problem.Message}")];
        }
    }
}
