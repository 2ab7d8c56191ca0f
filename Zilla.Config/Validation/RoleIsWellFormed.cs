using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>Roles in <c>guarded</c> are not empty, and hold no expressions but <c>${method}</c> and <c>${path}</c> (reference §1.2).</summary>
internal sealed class RoleIsWellFormed : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var (route, at) in configuration.Bindings.Values.SelectMany(BindingGraph.GuardedRoutes))
        {
            foreach (var (guard, roles) in route.Guarded)
            {
                foreach (var (index, role) in roles.Index())
                {
                    var place = at / "guarded" / guard / index;
                    if (string.IsNullOrWhiteSpace(role))
                    {
                        findings.Report(place, "a role's name is not empty");
                    }

                    foreach (var expression in Expression.In(role).Where(expression => expression is not ("method" or "path")))
                    {
                        findings.Report(place, expression is null ? "'${' without '}'" : $"there is no expression '${{{expression}}}' in roles: only '${{method}}' and '${{path}}'");
                    }
                }
            }
        }
    }
}
