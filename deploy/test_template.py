"""The transformed template, which is what CloudFormation gets: roles, variables, time-outs, alarms, routes, headers.

Run by `cargo local test` with the SAM translator that cfn-lint brings.
"""

import json
import pathlib
import re
import unittest

from transform import transformed

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATE = transformed(ROOT / "template.yaml")
RESOURCES = TEMPLATE["Resources"]

# What answers requests.
HTTP = {"Auth", "Hotels", "Forms", "Entries", "Users", "Tickets", "Messages", "Emails", "Dashboard"}

DISPATCHER = {"Ref": "EmailDispatcherFunctionAliaslive"}
PHOTOS = {"Fn::Sub": "${ImagesBucket.Arn}/hotels/*"}
DEAD_LETTERS = {"Fn::GetAtt": ["EmailDeadLetters", "Arn"]}

# What each function may do beside writing its own log: (actions, resources) of each statement.
PERMISSIONS = {
    "Auth": [("lambda:InvokeFunction", DISPATCHER)],
    "Authorizer": [],
    "Dashboard": [],
    "EmailDispatcher": [
        (
            "ses:SendEmail",
            [
                {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${SenderIdentity}"},
                {
                    "Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
                    ":configuration-set/${EmailConfigurationSet}"
                },
            ],
        ),
        ("ses:GetAccount", "*"),
        ("s3:ListBucket", {"Fn::GetAtt": ["ImagesBucket", "Arn"]}),
        ("s3:DeleteObject", PHOTOS),
    ],
    "EmailEvents": [("sqs:SendMessage", DEAD_LETTERS)],
    "Emails": [],
    "Entries": [(["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject"], {"Fn::Sub": "${ExportsBucket.Arn}/*"})],
    "Forms": [],
    "Hotels": [(["s3:PutObject", "s3:DeleteObject"], PHOTOS)],
    "Messages": [],
    "Migrate": [],
    "Tickets": [],
    "Users": [],
}

DATABASE = {"DATABASE_URL", "DATABASE_CA"}
ANSWERING = DATABASE | {"ORIGIN_VERIFY", "PAGE_SIZE", "WEB_ORIGIN"}
TOKENS = {"JWT_PUBLIC_KEYS", "JWT_ISSUER", "JWT_AUDIENCE"}

# What each function reads from its environment: shared/src/config.rs.
VARIABLES = {
    "Auth": ANSWERING
    | TOKENS
    | {"JWT_SIGNING_KEY", "REFRESH_TOKEN_KEYS", "WEB_ORIGIN", "REGISTRATION", "DISPATCHER_FUNCTION"},
    "Authorizer": DATABASE | TOKENS,
    "Dashboard": ANSWERING | {"IMAGE_BASE_URL"},
    "EmailDispatcher": DATABASE
    | {"EMAIL_FROM", "EMAIL_REPLY_TO", "EMAIL_RETENTION_DAYS", "SES_CONFIGURATION_SET", "IMAGE_STORE"},
    "EmailEvents": DATABASE,
    "Emails": ANSWERING,
    "Entries": ANSWERING | {"EXPORT_STORE"},
    "Forms": ANSWERING,
    "Hotels": ANSWERING | {"IMAGE_STORE", "IMAGE_BASE_URL"},
    "Messages": ANSWERING,
    "Migrate": {"MIGRATE_DATABASE_URL", "DATABASE_CA"},
    "Tickets": ANSWERING | {"WEB_ORIGIN"},
    "Users": ANSWERING,
}


def of_type(kind):
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == kind}


def functions():
    return {name.removesuffix("Function"): function for name, function in of_type("AWS::Lambda::Function").items()}


def names_in(value):
    """Every name that an intrinsic function refers to."""
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    if not isinstance(value, dict):
        return set()
    names = set()
    for key, inner in value.items():
        if key == "Ref":
            names.add(inner)
        elif key == "Fn::GetAtt":
            names.add(inner[0] if isinstance(inner, list) else inner.split(".")[0])
        elif key == "Fn::Sub":
            text, own = (inner, {}) if isinstance(inner, str) else inner
            names |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text)} - own.keys()
            names |= names_in(own)
        else:
            names |= names_in(inner)
    return names


class Roles(unittest.TestCase):
    def test_each_function_may_do_what_its_line_of_the_table_says(self):
        granted = {}
        for name, function in functions().items():
            (role,) = names_in(function["Role"])
            (policy,) = RESOURCES[role]["Properties"]["Policies"]
            log, *own = policy["PolicyDocument"]["Statement"]
            with self.subTest(name):
                self.assertEqual(log["Action"], ["logs:CreateLogStream", "logs:PutLogEvents"])
                self.assertEqual(log["Resource"], {"Fn::GetAtt": [f"{name}Logs", "Arn"]})
                self.assertEqual(function["LoggingConfig"]["LogGroup"], {"Ref": f"{name}Logs"})
                self.assertTrue(all(statement["Effect"] == "Allow" for statement in own))
            granted[name] = [(statement["Action"], statement["Resource"]) for statement in own]
        self.assertEqual(granted, PERMISSIONS)

    def test_no_two_functions_share_a_role_and_each_is_lambdas_alone(self):
        roles = [role for function in functions().values() for role in names_in(function["Role"])]
        self.assertEqual(len(roles), len(set(roles)))
        for role in roles:
            (statement,) = RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual(statement["Principal"], {"Service": "lambda.amazonaws.com"})

    def test_policies_of_aws_are_added_for_a_vpc_and_for_traces_alone(self):
        for role in {role for function in functions().values() for role in names_in(function["Role"])}:
            vpc, traces = RESOURCES[role]["Properties"]["ManagedPolicyArns"]
            self.assertEqual([vpc["Fn::If"][0], traces["Fn::If"][0]], ["IsInVpc", "IsTraced"])
            self.assertEqual([vpc["Fn::If"][2], traces["Fn::If"][2]], [{"Ref": "AWS::NoValue"}] * 2)

    def test_a_bucket_is_read_by_our_distribution_and_by_nobody_else(self):
        for name, policy in of_type("AWS::S3::BucketPolicy").items():
            for statement in policy["PolicyDocument"]["Statement"]:
                with self.subTest(name):
                    self.assertEqual(statement["Principal"], {"Service": "cloudfront.amazonaws.com"})
                    self.assertIn("Distribution", names_in(statement["Condition"]))

    def test_every_bucket_is_private_and_kept(self):
        buckets = [resource for resource in RESOURCES.values() if resource["Type"] == "AWS::S3::Bucket"]
        self.assertEqual(len(buckets), 3)
        for bucket in buckets:
            self.assertEqual(set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()), {True})
            self.assertEqual((bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]), ("Retain", "Retain"))


class Environment(unittest.TestCase):
    def test_each_function_has_the_variables_that_it_reads_and_no_other(self):
        given = {name: set(function["Environment"]["Variables"]) for name, function in functions().items()}
        self.assertEqual(given, VARIABLES)

    def test_every_function_that_answers_requests_has_the_page_size(self):
        parameter = TEMPLATE["Parameters"]["PageSize"]
        self.assertEqual([parameter[name] for name in ("Default", "MinValue", "MaxValue")], [10, 10, 100])
        for name in HTTP:
            self.assertEqual(functions()[name]["Environment"]["Variables"]["PAGE_SIZE"], {"Ref": "PageSize"}, name)

    def test_only_auth_has_keys_that_make_tokens(self):
        for name, function in functions().items():
            text = json.dumps(function["Environment"])
            for key in ("jwt_signing_key", "refresh_token_keys"):
                self.assertEqual(key in text, name == "Auth", f"{name}: {key}")

    def test_only_migrate_connects_as_the_owner(self):
        for name, function in functions().items():
            self.assertEqual("migrate_database_url" in json.dumps(function), name == "Migrate", name)

    def test_secrets_are_references_to_a_version_of_one_secret(self):
        found = re.findall(r"\{\{resolve:.*?\}\}\}?", json.dumps(RESOURCES))
        for reference in set(found):
            self.assertRegex(
                reference,
                r"^\{\{resolve:secretsmanager:\$\{Secrets\}:SecretString:[a-z_]+::\$\{SecretsVersion\}\}\}$",
            )
        self.assertEqual(len(set(found)), 6)

    def test_another_version_of_the_secret_is_another_version_of_each_function(self):
        for name in functions():
            source = (ROOT / "template.yaml").read_text(encoding="utf-8")
            block = source.split(f"\n  {name}Function:\n")[1].split("\n\n")[0]
            self.assertIn("AutoPublishAliasAllProperties: true", block, name)


class Timeouts(unittest.TestCase):
    def test_a_request_ends_before_its_function_and_that_before_the_gateway(self):
        request = int(re.search(r"REQUEST_TIMEOUT: Duration = Duration::from_secs\((\d+)\)", source("shared/src/lambda.rs"))[1])
        statement = int(re.search(r"statement_timeout = '(\d+)s'", source("local/toolbox/src/postgres/mod.rs"))[1])
        for name in HTTP:
            timeout = functions()[name]["Timeout"]
            self.assertLess(statement, request)
            self.assertLess(request, timeout)
            self.assertLess(timeout, 29)
        for integration in integrations():
            self.assertEqual(integration["timeoutInMillis"], 29000)

    def test_the_origin_of_the_api_is_waited_for_longer_than_the_gateway_waits(self):
        origins = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
        (api,) = [origin for origin in origins if origin["Id"] == "api"]
        self.assertGreaterEqual(api["CustomOriginConfig"]["OriginReadTimeout"], 29)

    def test_auth_has_a_whole_processor(self):
        self.assertGreaterEqual(functions()["Auth"]["MemorySize"], 1769)


class Routes(unittest.TestCase):
    def test_the_authorizer_is_an_alias_that_the_api_may_call_and_remembers_by_header(self):
        (authorizer,) = api()["components"]["securitySchemes"].values()
        settings = authorizer["x-amazon-apigateway-authorizer"]
        self.assertEqual(settings["authorizerPayloadFormatVersion"], "2.0")
        self.assertTrue(settings["enableSimpleResponses"])
        self.assertEqual(settings["identitySource"], ["$request.header.Authorization"])
        self.assertEqual(settings["authorizerResultTtlInSeconds"], {"Ref": "AuthorizerCacheSeconds"})
        alias = {"Ref": "AuthorizerFunctionAliaslive"}
        self.assertIn(alias, [permission["FunctionName"] for permission in of_type("AWS::Lambda::Permission").values()])

    def test_each_route_calls_an_alias_that_lets_the_api_call_it(self):
        permitted = {str(permission["FunctionName"]) for permission in of_type("AWS::Lambda::Permission").values()}
        called = set()
        for integration in integrations():
            self.assertEqual(integration["payloadFormatVersion"], "2.0")
            (alias,) = [name for name in names_in(integration["uri"]) if not name.startswith("AWS::")]
            self.assertEqual(RESOURCES[alias]["Type"], "AWS::Lambda::Alias")
            self.assertIn(str({"Ref": alias}), permitted)
            called.add(alias.removesuffix("FunctionAliaslive"))
        self.assertEqual(called, HTTP)

    def test_a_route_with_settings_of_its_own_is_there(self):
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        paths = api()["paths"]
        for key in stage["RouteSettings"]:
            method, path = key.split(" ")
            self.assertEqual(method, "ANY")
            self.assertIn("x-amazon-apigateway-any-method", paths[path])

    def test_expensive_and_session_routes_have_limits_of_their_own(self):
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        for path in (
            "auth/login", "auth/register", "auth/forgot-password", "auth/reset-password", "token",
            "auth/refresh", "auth/token/refresh", "token/refresh", "auth/logout",
        ):  # fmt: skip
            for below in ("", "/{proxy+}"):
                with self.subTest(path + below):
                    route = f"/api/{path}{below}"
                    self.assertIn("x-amazon-apigateway-any-method", api()["paths"][route])
                    self.assertGreater(stage["RouteSettings"][f"ANY {route}"]["ThrottlingRateLimit"], 0)

    def test_routes_and_permissions_stay_within_the_quotas_of_aws(self):
        routes = [method for path in api()["paths"].values() for method in path]
        self.assertLess(len(routes), 300)
        # A policy of a function has at most 20,480 bytes, and each route adds some 450 to it.
        by_function = {}
        for permission in of_type("AWS::Lambda::Permission").values():
            name = str(permission["FunctionName"])
            by_function[name] = by_function.get(name, 0) + 450
        self.assertLess(max(by_function.values()), 20_480)

    def test_credentials_are_allowed_for_one_named_origin_only(self):
        cors = api()["x-amazon-apigateway-cors"]
        self.assertEqual((cors["allowOrigins"], cors["allowCredentials"]), ([{"Ref": "WebOrigin"}], True))
        self.assertLessEqual({"x-csrftoken", "cache-control", "if-none-match"}, set(cors["allowHeaders"]))
        pattern = re.compile(TEMPLATE["Parameters"]["WebOrigin"]["AllowedPattern"])
        for origin in ("https://red.example", "http://localhost:5173", "http://[::1]:5173"):
            self.assertIsNotNone(pattern.fullmatch(origin), origin)
        for origin in ("*", "https://*", "https://*.red.example", "null", "https://red.example/", "https://a@b", ""):
            self.assertIsNone(pattern.fullmatch(origin), origin)

    def test_the_log_of_requests_is_json_without_what_was_searched_for(self):
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        line = stage["AccessLogSettings"]["Format"]
        self.assertNotIn("\n", line)
        self.assertEqual(json.loads(line.replace("$context.status", "200"))["status"], 200)
        self.assertNotIn("query", line.lower())


class Migrating(unittest.TestCase):
    def test_every_other_function_waits_for_the_migration(self):
        for name in functions():
            waits = RESOURCES[f"{name}Function"].get("DependsOn") == "Migration"
            self.assertEqual(waits, name != "Migrate", name)

    def test_other_code_is_another_migration(self):
        properties = RESOURCES["Migration"]["Properties"]
        (version,) = names_in(properties["Version"])
        self.assertEqual(RESOURCES[version]["Type"], "AWS::Lambda::Version")
        self.assertEqual(RESOURCES[version]["Properties"]["FunctionName"], {"Ref": "MigrateFunction"})
        self.assertGreaterEqual(int(properties["ServiceTimeout"]), functions()["Migrate"]["Timeout"])

    def test_nothing_waits_for_itself(self):
        edges = {}
        for name, resource in RESOURCES.items():
            depends = resource.get("DependsOn", [])
            depends = {depends} if isinstance(depends, str) else set(depends)
            edges[name] = (depends | names_in(resource)) & RESOURCES.keys()
        done, path = set(), []

        def visit(name):
            self.assertNotIn(name, path, " → ".join([*path, name]))
            if name not in done:
                path.append(name)
                for other in sorted(edges[name]):
                    visit(other)
                path.pop()
                done.add(name)

        for name in edges:
            visit(name)

    def test_a_deployment_is_taken_back_by_alarms(self):
        groups = of_type("AWS::CodeDeploy::DeploymentGroup")
        # Neither what has to work before, nor what no caller waits for.
        self.assertEqual(len(groups), len(functions()) - len({"Migrate", "EmailDispatcher"}))
        for group in groups.values():
            alarms = set().union(*(names_in(alarm) for alarm in group["AlarmConfiguration"]["Alarms"]))
            self.assertEqual(alarms, {"FunctionErrors", "ServerErrors"})
            self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"])


class Alarms(unittest.TestCase):
    def test_each_is_about_something_that_is_there(self):
        alarms = of_type("AWS::CloudWatch::Alarm")
        self.assertEqual(
            set(alarms),
            {
                "AuthorizerErrors", "DeadLetters", "DispatcherErrors", "Errors5xx", "FunctionErrors", "Latency",
                "OldestMail", "ServerErrors", "Throttles",
            },
        )  # fmt: skip
        own = {
            transformation["MetricName"]
            for metric_filter in of_type("AWS::Logs::MetricFilter").values()
            for transformation in metric_filter["MetricTransformations"]
        }
        for name, alarm in alarms.items():
            metrics = [alarm] if "MetricName" in alarm else [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m]
            for metric in metrics:
                with self.subTest(name):
                    if metric["Namespace"] == {"Ref": "AWS::StackName"}:
                        self.assertIn(metric["MetricName"], own)
                    else:
                        self.assertTrue(names_in(metric["Dimensions"]) <= RESOURCES.keys())

    def test_each_tells_the_topic_and_is_in_the_runbook(self):
        runbook = source("docs/operations.md")
        for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
            self.assertIn("AlarmTopicArn", names_in(alarm["AlarmActions"]), name)
            self.assertTrue(f"**{name}**" in runbook or f"`{name}`" in runbook, name)

    def test_crashes_and_throttles_of_all_that_answers_requests_are_counted(self):
        for alarm in ("FunctionErrors", "Throttles"):
            counted = set().union(*(names_in(metric) for metric in RESOURCES[alarm]["Properties"]["Metrics"]))
            self.assertEqual(counted, {f"{name}Function" for name in HTTP | {"Authorizer"}}, alarm)

    def test_answers_of_500_are_counted_in_the_log_of_each_function(self):
        logs = {
            name
            for metric_filter in of_type("AWS::Logs::MetricFilter").values()
            if metric_filter["FilterPattern"] == "{ $.fields.status >= 500 }"
            for name in names_in(metric_filter["LogGroupName"])
        }
        self.assertEqual(logs, {f"{name}Logs" for name in HTTP})

    def test_no_log_is_kept_for_ever(self):
        groups = of_type("AWS::Logs::LogGroup")
        self.assertEqual(set(groups), {f"{name}Logs" for name in functions()} | {"ApiLogs"})
        for group in groups.values():
            self.assertEqual(group["RetentionInDays"], {"Ref": "LogRetentionDays"})


class Edge(unittest.TestCase):
    def test_pages_have_the_headers_that_they_have_on_one_machine(self):
        local = source("local/src/site.rs").split("SECURITY_HEADERS: [")[1].split("];")[0]
        local = " ".join(re.sub(r"\\\n\s*", "", local).split())
        policy = RESOURCES["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
        security = policy["SecurityHeadersConfig"]
        self.assertIn(f'"{security["ContentSecurityPolicy"]["ContentSecurityPolicy"]}"', local)
        self.assertIn(f'REFERRER_POLICY, "{security["ReferrerPolicy"]["ReferrerPolicy"]}"', local)
        for item in policy["CustomHeadersConfig"]["Items"]:
            self.assertIn(f'"{item["Header"]}"), "{item["Value"]}"', local)
        self.assertGreaterEqual(security["StrictTransportSecurity"]["AccessControlMaxAgeSec"], 31536000)

    def test_the_api_is_neither_cached_nor_robbed_of_headers(self):
        config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
        behaviours = {behaviour["PathPattern"]: behaviour for behaviour in config["CacheBehaviors"]}
        for path in ("/api/*", "/.well-known/*"):
            behaviour = behaviours[path]
            self.assertEqual(behaviour["TargetOriginId"], "api")
            self.assertEqual(len(behaviour["AllowedMethods"]), 7)
            self.assertEqual(behaviour["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad")
            self.assertEqual(behaviour["OriginRequestPolicyId"], "b689b0a8-53d0-40ab-baf2-68738e2966ac")
        self.assertNotIn("CustomErrorResponses", config)


class WebAcl(unittest.TestCase):
    def test_a_deployment_has_one_unless_it_says_none(self):
        parameter = TEMPLATE["Parameters"]["WebAclArn"]
        self.assertNotIn("Default", parameter)
        pattern = re.compile(parameter["AllowedPattern"])
        arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/WebAcl-a1B2/0f9e"
        self.assertTrue(all(pattern.fullmatch(value) for value in ("none", arn)))
        self.assertFalse(any(pattern.fullmatch(value) for value in ("", arn.replace("global", "regional"))))
        self.assertEqual(TEMPLATE["Conditions"]["HasWebAcl"], {"Fn::Not": [{"Fn::Equals": [{"Ref": "WebAclArn"}, "none"]}]})

    def test_only_dev_and_previews_go_without(self):
        for stage in ("dev", "staging", "prod"):
            self.assertEqual("WebAclArn: none" in source(f"deploy/parameters/{stage}.yaml"), stage == "dev", stage)


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def api():
    (definition,) = of_type("AWS::ApiGatewayV2::Api").values()
    return definition["Body"]


def integrations():
    return [
        operation["x-amazon-apigateway-integration"]
        for path in api()["paths"].values()
        for operation in path.values()
        if "x-amazon-apigateway-integration" in operation
    ]


if __name__ == "__main__":
    unittest.main()
