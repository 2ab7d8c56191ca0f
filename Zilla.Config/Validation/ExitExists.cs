using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

internal sealed class ExitExists : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var (exit, at) in configuration.Bindings.Values.SelectMany(binding => binding.Exits()))
        {
            if (!configuration.Bindings.ContainsKey(exit))
            {
                findings.Report(at, $"no binding is named '{exit}'" + findings.Suggest(exit, configuration.Bindings.Keys));
            }
        }
    }
}
