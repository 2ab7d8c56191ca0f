using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

internal sealed class PathPatternIsWellFormed : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var route in TemplatedRoute.Of(configuration))
        {
            for (var index = 0; index < route.Paths.Count; index++)
            {
                if (route.Paths[index] is { } path)
                {
                    PathPattern.Parameters(path, out var problem);
                    if (problem is not null)
                    {
                        findings.Report(route.At / "when" / index / "path", problem);
                    }
                }
            }
        }
    }
}
